// The findings: each once, with what to do, and the cases that have it. What the gates proved, what was let pass, what is
// known and what didn't run stand with them.

const findingsView = {
  build(open) {
    const fits = caseFilter();
    const through = (groups) =>
      groups.map((group) => ({ ...group, cases: group.cases.filter(fits) })).filter((group) => group.cases.length);
    const [failed, warned] = [through(run.groups), through(run.warnings)];
    return el(
      "div",
      { class: "findings" },
      section("Gates", run.gates.length, run.gates.map((gate) => this.gate(gate))),
      section("Figures", run.figures.length, run.figures.map(figureView)),
      section(
        "Findings",
        failed.length.toLocaleString("en"),
        failed.map((group) => this.group(group, open)),
        "Nothing failed among what the filters let through.",
      ),
      section("Let pass", count(warned.length, "warning"), warned.map((group) => this.group(group, open, "Warning"))),
      reasons("Known departures", "known", fits, open, ({ known = [] }) => known),
      reasons("Not reached", "not-reached", fits, open, ({ reason }) => (reason ? [reason] : [])),
      reasons("Skipped", "skipped", fits, open, ({ reason }) => (reason ? [reason] : [])),
      reasons("Did not run", "not-run", fits, open, () => ["It was planned, and the run ended before it."]),
      section("Timelines", Object.keys(run.timelines).length, Object.entries(run.timelines).map(timelineView)),
    );
  },

  /** A gate: what it needs, and what it proved. */
  gate({ name, needs, evidence }) {
    const states = { taken: "passed", refuted: "failed", "not taken": "not-run" };
    const lacking = Object.entries(needs).filter(([, met]) => met !== "met");
    return el(
      "article",
      { class: "group-of-cases" },
      el("h3", {}, name),
      el(
        "ul",
        { class: "evidence" },
        Object.entries(evidence).map(([piece, { what, state, reason }]) =>
          el("li", {}, icon(states[state]), el("b", {}, piece), ` ${state}. ${what}`, reason && el("p", {}, reason))
        ),
        lacking.map(([need, reason]) => el("li", {}, icon("not-run"), el("b", {}, need), " isn't there. ", reason)),
      ),
    );
  },

  group({ finding, microversions, cases: some }, open, kind = "Finding") {
    const [first, last] = [microversions[0], microversions.at(-1)];
    const where = microversions.length === 1
      ? `@${first}`
      : `at ${microversions.length} microversions, ${first} to ${last}`;
    return el(
      "article",
      { class: "group-of-cases" },
      el(
        "h3",
        {},
        el("span", { class: "service-name" }, finding.service),
        " ",
        callLabel({ name: finding.call }),
        " ",
        el("span", { class: "at" }, where),
      ),
      findingView(finding, kind),
      caseLinks(some, open),
    );
  },
};

/** A picture of what was seen when, in a performance. */
const timelineView = ([name, picture]) =>
  el(
    "details",
    { class: "timeline" },
    el("summary", {}, el("code", {}, name)),
    el("img", { src: `data:image/svg+xml,${encodeURIComponent(picture)}`, alt: `What was seen when in ${name}` }),
  );

/** What a story measured, once or often: the spread, and each value as a line as long as it. */
function figureView({ name, story, unit, count: times, least, median, most, values }) {
  const spread = times > 1 ? `${least} to ${most} ${unit}, median ${median} ${unit}` : `${most} ${unit}`;
  const rows = values.map((value) =>
    el(
      "li",
      {},
      el("meter", { min: 0, max: most || 1, value, "aria-label": `${value} ${unit}` }),
      ` ${value} ${unit}`,
    )
  );
  return el(
    "article",
    { class: "group-of-cases" },
    el("h3", {}, name, " ", el("code", {}, story)),
    el("p", {}, times > 1 ? `${spread}, over ${times}` : spread),
    times > 1 && el("ul", { class: "figures" }, folded(rows, FEW)),
  );
}

const section = (title, number, articles, nothing) =>
  (articles.length || nothing) &&
  el(
    "section",
    {},
    el("h2", {}, title, el("small", {}, number)),
    articles.length ? articles : el("p", { class: "note" }, nothing),
  );

/** What several cases share: a reason, and the cases. */
function reasons(title, state, fits, open, reasonsOf) {
  const found = new Map();
  cases.state.forEach((_, number) => {
    if (caseState(number) !== state || !fits(number)) return;
    for (const reason of reasonsOf(toldOf(number))) {
      if (found.has(reason)) found.get(reason).push(number);
      else found.set(reason, [number]);
    }
  });
  const ordered = [...found].sort(([, one], [, other]) => other.length - one.length);
  const number = ordered.reduce((sum, [, some]) => sum + some.length, 0);
  return section(
    title,
    count(number, "case"),
    ordered.map(([reason, some]) =>
      el(
        "article",
        { class: `group-of-cases ${state}` },
        el("p", { class: "why" }, icon(state), reason),
        caseLinks(some, open),
      )
    ),
  );
}

const FEW = 5;
const MANY = 16;

/** Buttons that open cases: a line a step, with its microversions; many of either fold. */
function caseLinks(numbers, open) {
  const steps = grouped(numbers, (number) => cases.names[cases.name[number]]);
  const lines = steps.map(([name, some]) =>
    el("li", {}, el("code", {}, name), folded(some.map((number) => caseLink(number, open)), MANY))
  );
  return el("ul", { class: "case-links" }, folded(lines, FEW));
}

const caseLink = (number, open) =>
  el(
    "button",
    { type: "button", class: "case-link", "aria-label": caseId(number), onclick: () => open(number) },
    `@${version(calls[cases.call[number]].service, cases.at[number])}`,
  );

/** The first of many, and a button for all the others. */
function folded(elements, few) {
  if (elements.length <= few + 1) return elements;
  const rest = elements.slice(few);
  const more = el("button", { type: "button", class: "more" }, `${rest.length.toLocaleString("en")} more`);
  more.addEventListener("click", () => {
    more.replaceWith(...rest);
    (rest[0].querySelector("button") ?? rest[0]).focus();
  });
  return [...elements.slice(0, few), more];
}
