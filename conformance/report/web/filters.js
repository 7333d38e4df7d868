// The filters: service, outcome, gate and text. They combine, and every view but the history obeys them.

const chosen = { service: new Set(), outcome: new Set(), gate: "", text: "" };
const MICROVERSION = /^@?\d+\.\d+$/;

const words = () => chosen.text.toLowerCase().split(/\s+/).filter(Boolean);
const callText = calls.map((call) => `${call.service.name} ${call.of ?? ""} ${call.name}`.toLowerCase());
const nameText = cases.names.map((name) => name.toLowerCase());
const toldText = new Map(
  Object.entries(run.told).map(([number, told]) => [Number(number), JSON.stringify(told).toLowerCase()]),
);

/** What the words ask for, looked up once for all cases. */
function asked() {
  const [versions, texts] = [[], []];
  for (const word of words()) (MICROVERSION.test(word) ? versions : texts).push(word.replace(/^@/, ""));
  const calling = texts.map((text) => callText.map((each) => each.includes(text)));
  const naming = texts.map((text) => nameText.map((each) => each.includes(text)));
  const here = (call, at) => versions.every((each) => each === version(call.service, at));
  return {
    service: (call) => !chosen.service.size || chosen.service.has(call.service.name),
    call: (call, at) => !chosen.gate && here(call, at) && calling.every((each) => each[call.number]),
    case: (number) =>
      here(calls[cases.call[number]], cases.at[number]) &&
      (!chosen.gate || cases.gates[cases.gate[number]] === chosen.gate) &&
      texts.every((text, index) =>
        calling[index][cases.call[number]] || naming[index][cases.name[number]] || toldText.get(number)?.includes(text)
      ),
  };
}

/** Each cell that is there: its call, microversion and state, and whether the filters let it through. */
function* cells() {
  const wish = asked();
  for (const call of calls) {
    if (call.of || !wish.service(call)) continue;
    for (let at = call.service.first; at <= call.service.last; at++) {
      const every = call.cells.get(at) ?? [];
      const some = every.filter(wish.case);
      const state = cellState(call, at, some.length ? some : every);
      const fits = some.length > 0 || (every.length === 0 && wish.call(call, at));
      if (state) yield { call, at, state, fits };
    }
  }
}

/** The states that the run has anywhere: there are no filters for others. */
const present = new Set([...cells()].map(({ state }) => state));

const outcomeFits = (state) => !chosen.outcome.size || chosen.outcome.has(state);

/** Whether a case gets through all filters. */
function caseFilter() {
  const wish = asked();
  return (number) => wish.service(calls[cases.call[number]]) && wish.case(number) && outcomeFits(caseState(number));
}

const filterBar = {
  chips: new Map(),

  build(place, changed) {
    const search = el("input", {
      type: "search",
      id: "text",
      placeholder: "call, case, finding, 2.26 ...",
      autocomplete: "off",
      spellcheck: "false",
    });
    search.value = chosen.text;
    search.addEventListener("input", () => {
      chosen.text = search.value;
      changed();
    });
    this.status = el("output", { class: "matches", for: "text" });
    const clear = el("button", { type: "button", class: "clear", onclick: () => this.clear(search, changed) }, "Clear");
    place.replaceChildren();
    fill(
      place,
      { role: "search" },
      el("div", { class: "field" }, el("label", { for: "text" }, "Find"), search),
      run.services.length > 1 &&
        this.group("Service", "service", run.services.map(({ name }) => [name, name]), changed),
      cases.gates.some(Boolean) && this.gates(changed),
      el("div", { class: "field last" }, this.status, clear),
      this.group(
        "Outcome",
        "outcome",
        GRAVITY.filter((state) => present.has(state)).map((state) => [state, STATES[state][0], icon(state)]),
        changed,
      ),
    );
  },

  group(title, name, entries, changed) {
    const chips = entries.map(([value, text, sign]) => {
      const number = el("span", { class: "number" });
      const toggle = () => {
        if (!chosen[name].delete(value)) chosen[name].add(value);
        chip.setAttribute("aria-pressed", chosen[name].has(value));
        changed();
      };
      const chip = el(
        "button",
        {
          type: "button",
          class: "chip",
          "data-value": value,
          title: STATES[value]?.[1],
          "aria-pressed": String(chosen[name].has(value)),
          onclick: toggle,
        },
        sign,
        text,
        number,
      );
      this.chips.set(`${name} ${value}`, { chip, number });
      return chip;
    });
    return el(
      "div",
      { class: "field", role: "group", "aria-label": title },
      el("span", { class: "title", "aria-hidden": "true" }, title),
      chips,
    );
  },

  gates(changed) {
    const names = [...new Set(cases.gates)].filter(Boolean).sort();
    const choose = () => {
      chosen.gate = select.value;
      changed();
    };
    const select = el(
      "select",
      { id: "gate", onchange: choose },
      el("option", { value: "" }, "every gate"),
      names.map((name) => el("option", { value: name, selected: name === chosen.gate }, name)),
    );
    return el("div", { class: "field" }, el("label", { for: "gate" }, "Gate"), select);
  },

  clear(search, changed) {
    Object.assign(chosen, { gate: "", text: "" });
    chosen.service.clear();
    chosen.outcome.clear();
    search.value = "";
    if (document.getElementById("gate")) document.getElementById("gate").value = "";
    for (const { chip } of this.chips.values()) chip.setAttribute("aria-pressed", "false");
    changed();
    search.focus();
  },

  /** Count the cells by state, as the other filters leave them. */
  show(listed) {
    const counts = new Map();
    let matching = 0;
    for (const { state, fits } of listed) {
      if (fits) counts.set(state, (counts.get(state) ?? 0) + 1);
      if (fits && outcomeFits(state)) matching++;
    }
    for (const state of present) {
      const { chip, number } = this.chips.get(`outcome ${state}`);
      number.textContent = (counts.get(state) ?? 0).toLocaleString("en");
      chip.classList.toggle("none", !counts.get(state));
    }
    this.status.textContent = `${count(matching, "cell")} of ${listed.length.toLocaleString("en")}`;
  },
};
