// The cell that was chosen: its state, the delta that applies and where it is written, and each case with its exchange.

const cellView = {
  place: document.getElementById("cell"),
  turn: 0,

  /** Show a cell, or one case of it; a newer call overtakes an older one. */
  async show(call, at, { focus = false, only = null } = {}) {
    const mine = ++this.turn;
    const every = sorted(call.cells.get(at) ?? []);
    const numbers = only === null ? every : [only];
    const state = only === null ? cellState(call, at, every) : caseState(only);
    const heading = el(
      "h2",
      { tabindex: "-1" },
      callLabel(call),
      " ",
      el("span", { class: "at" }, `@${version(call.service, at)}`),
    );
    const applies = await delta(call, at);
    if (mine !== this.turn) return;
    this.now = { call, at };
    this.place.replaceChildren(
      el(
        "div",
        { class: "title" },
        el("p", { class: "kind" }, call.service.name),
        heading,
        el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.close() }, "×"),
      ),
      el(
        "p",
        { class: `state ${state}` },
        icon(state ?? "unasked"),
        el("b", {}, state ? STATES[state][0] : "Not there"),
        " ",
        why(call, at, state),
      ),
      applies,
      el(
        "section",
        { class: "cases" },
        el("h3", {}, count(numbers.length, "case"), this.others(call, at, every.length - numbers.length)),
        numbers.map((number, index) => caseView(number, index === 0)),
      ),
    );
    this.place.hidden = false;
    this.place.scrollTop = 0;
    document.body.classList.add("beside");
    if (focus) heading.focus();
  },

  others(call, at, number) {
    return number > 0 &&
      el(
        "button",
        { type: "button", class: "more", onclick: () => this.show(call, at, { focus: true }) },
        `and ${count(number, "other")} of this cell`,
      );
  },

  close() {
    this.place.hidden = true;
    this.now = null;
    document.body.classList.remove("beside");
    this.closed?.();
  },
};

const sorted = (numbers) =>
  [...numbers].sort((one, other) => GRAVITY.indexOf(caseState(one)) - GRAVITY.indexOf(caseState(other)));

/** Why a cell is in its state. */
function why(call, at, state) {
  if (state === "unreachable") return excuse(call, at);
  if (state === "unasked" && !facts.every) {
    return "The run asked both sides of every boundary, and this call doesn't change here. --every asks everywhere.";
  }
  if (state === null) {
    return `The call is there from ${version(call.service, call.life[0])} to ${version(call.service, call.life[1])}.`;
  }
  return STATES[state][1];
}

/** The delta that applies: the newest at which the call turned, in words, and as it is written. */
async function delta(call, at) {
  if (call.of) return el("p", {}, `A story asks it of ${call.of} on its way: it is no cell of ${call.service.name}.`);
  const { service } = call;
  const history = (await unpack("history"))[service.name];
  const ended = at > call.life[1];
  const since = ended ? call.life[1] + 1 : call.turns.findLast((turn) => turn <= at);
  if (since === undefined) {
    return el(
      "section",
      {},
      el("h3", {}, "Not there yet"),
      el("p", {}, `The call begins at ${version(service, call.life[0])}.`),
    );
  }
  const turn = version(service, since);
  const verb = since === call.life[0] ? "Begins here" : "Changes here";
  const title = ended ? `Gone from ${turn} on` : since === at ? `${verb}, at ${turn}` : `In force since ${turn}`;
  return el(
    "section",
    { class: "delta" },
    el("h3", {}, title),
    el("p", {}, history.summaries[since - history.first]),
    changeList(turned(history, call, since)),
    el(
      "p",
      { class: "more" },
      el(
        "a",
        { href: address({ view: "history", service: service.name, from: since - 1, to: since }) },
        `All that ${version(service, since)} changed`,
      ),
    ),
    await sources(history, call.name, since),
  );
}

/** The files that say it, each with its text; of a folder of files, those that name the call. */
async function sources(history, name, since) {
  const texts = await unpack("sources");
  const files = history.files[since - history.first];
  const naming = files.filter((path) => texts[path].includes(name));
  return (naming.length ? naming : files).map((path) =>
    el(
      "details",
      { class: "source" },
      el("summary", {}, el("code", {}, path)),
      el("pre", { tabindex: "0" }, texts[path]),
    )
  );
}

function caseView(number, open) {
  const state = caseState(number);
  const body = el("div", { class: "body" });
  const fillOnce = () => {
    if (!details.open || body.dataset.filled) return;
    body.dataset.filled = "yes";
    fillCase(body, number);
  };
  const gate = cases.gates[cases.gate[number]];
  const summary = el(
    "summary",
    {},
    icon(state),
    el("code", {}, caseId(number)),
    el("span", { class: "aside" }, `${STATES[state][0]}.`),
    el("small", {}, gate && `${gate}, `, `${cases.milliseconds[number].toLocaleString("en")} ms`),
  );
  const details = el(
    "details",
    {
      class: "case",
      "data-case": caseId(number),
      ontoggle: fillOnce,
    },
    summary,
    body,
  );
  details.open = open;
  return details;
}

/** A text as a shell takes it for one word. */
const quoted = (text) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

async function fillCase(body, number) {
  const { findings = [], warnings = [], known = [], figures = {}, reason } = toldOf(number);
  const command = `conformance run ${facts.cloud && `--cloud ${quoted(facts.cloud)} `}${quoted(caseId(number))}`;
  const change = run.comparison?.changes.findIndex((each) => each.case === number) ?? -1;
  body.append(
    ...findings.map((finding) => findingView(finding)),
    ...warnings.map((finding) => findingView(finding, "Warning")),
    ...known.map((text) => el("p", { class: "known-reason" }, el("b", {}, "Known: "), text)),
    ...Object.entries(figures).map(([name, { value, unit }]) =>
      el("p", {}, el("b", {}, `${name}: `), `${value} ${unit}`)
    ),
    reason ? el("p", { class: "reason" }, el("b", {}, `${STATES[caseState(number)][0]}: `), reason) : "",
    ...exchangeView(await exchangeOf(number), findings),
    ...(change >= 0 ? await earlierView(change) : []),
    el("p", { class: "again" }, el("code", {}, command), copier(command)),
  );
}

const findingView = (finding, kind = "Finding") =>
  el(
    "dl",
    { class: `finding ${kind === "Warning" ? "warning" : ""}` },
    el(
      "div",
      { class: "code" },
      el("dt", {}, kind),
      el("dd", {}, el("b", {}, finding.code), finding.pointer && [" at ", el("code", {}, finding.pointer)]),
    ),
    [["expected", "Expected"], ["seen", "Seen"], ["remedy", "Remedy"]].map(([name, title]) =>
      finding[name] && el("div", { class: name }, el("dt", {}, title), el("dd", {}, finding[name]))
    ),
  );
