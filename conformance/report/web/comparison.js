// Two runs compared: what began to fail, what was mended, and what is otherwise than it was.

const KINDS = {
  began: ["Began to fail", "Nothing began to fail."],
  mended: ["Mended", "Nothing was mended."],
  differs: ["Fails in another way", ""],
  moved: ["Other outcomes", ""],
};

const comparisonView = {
  build(open) {
    const { earlier, changes: every, added, gone } = run.comparison;
    const fits = caseFilter();
    const listed = every.filter((change) => fits(change.case));
    const tiles = Object.entries(KINDS).map(([kind, [title]]) =>
      el(
        "div",
        { class: `tile ${kind}` },
        el("b", {}, listed.filter((each) => each.kind === kind).length.toLocaleString("en")),
        el("span", {}, title),
      )
    );
    const only = [
      added && `${count(added, "case")} only in this run`,
      gone && `${count(gone, "case")} only in the earlier one`,
    ].filter(Boolean);
    return el(
      "div",
      { class: "comparison" },
      el("div", { class: "sides" }, this.side("Earlier run", earlier), this.side("This run", facts)),
      el("div", { class: "tiles" }, tiles),
      only.length ? el("p", { class: "note" }, `${only.join(", ")}.`) : "",
      Object.entries(KINDS).map(([kind, [title, nothing]]) =>
        this.kind(title, listed.filter((each) => each.kind === kind), nothing, open)
      ),
    );
  },

  side: (title, { cloud, finished, spans, outcomes, findings, folders }) =>
    el(
      "dl",
      { class: "side facts" },
      el("dt", { class: "title" }, title),
      el("dd", {}, folders.join(", ")),
      el("div", {}, el("dt", {}, "Cloud"), el("dd", {}, cloud)),
      el("div", {}, el("dt", {}, "Finished"), el("dd", {}, finished)),
      el(
        "div",
        {},
        el("dt", {}, "Asked"),
        el("dd", {}, Object.entries(spans).map((pair) => pair.join(" ")).join(", ")),
      ),
      el("div", {}, el("dt", {}, "Outcomes"), el("dd", {}, outcomeWords(outcomes))),
      el("div", {}, el("dt", {}, "Findings"), el("dd", {}, findings.toLocaleString("en"))),
    ),

  /** The changes of one kind, those of a call together. */
  kind(title, listed, nothing, open) {
    const articles = grouped(listed, (change) => cases.call[change.case]).map(([call, some]) =>
      el(
        "article",
        { class: "group-of-cases" },
        el("h3", {}, el("span", { class: "service-name" }, calls[call].service.name), " ", callLabel(calls[call])),
        el(
          "ul",
          { class: "moves" },
          grouped(some, (change) => this.words(change)).map(([words, alike]) => this.move(words, alike, open)),
        ),
      )
    );
    return section(title, count(listed.length, "case"), articles, nothing);
  },

  /** What is wrong with a case now, or was before. */
  words({ case: number, was, findings }) {
    const [first] = [...(toldOf(number).findings ?? []), ...findings];
    return JSON.stringify([
      was,
      caseState(number),
      first
        ? `${first.code}${first.pointer && ` at ${first.pointer}`}: expected ${first.expected}`
        : (toldOf(number).reason ?? ""),
    ]);
  },

  move(words, alike, open) {
    const [was, now, why] = JSON.parse(words);
    return el(
      "li",
      {},
      el(
        "p",
        { class: "from-to" },
        was ? [icon(was), STATES[was][0]] : "was not there",
        " → ",
        icon(now),
        STATES[now][0],
        why && ` (${why})`,
      ),
      caseLinks(alike.map((change) => change.case), open),
    );
  },
};

const outcomeWords = (outcomes) =>
  Object.entries(outcomes).filter(([, number]) => number).map(([name, number]) =>
    `${number.toLocaleString("en")} ${STATES[name][2]}`
  ).join(", ");

/** How a case of this run went in the earlier one. */
async function earlierView(change) {
  const { was, findings } = run.comparison.changes[change];
  if (!was) return [];
  return [
    el(
      "details",
      { class: "earlier" },
      el("summary", {}, "In the earlier run: ", icon(was), STATES[was][0]),
      findings.map((finding) => findingView(finding)),
      exchangeView(await exchangeOf(change, "earlier"), findings),
    ),
  ];
}
