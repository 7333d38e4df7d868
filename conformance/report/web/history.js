// The history: what one microversion changed, or what lies between any two.

const range = { service: run.services[0].name, from: null, to: null };

/** What a call promises at a microversion, place by place; null where it isn't. */
function promised(history, call, at) {
  if (!alive(call, at)) return null;
  const known = {};
  for (const [since, words] of history.calls[call.name]) {
    if (since > at) break;
    for (const [place, text] of Object.entries(words)) {
      if (text === null) delete known[place];
      else known[place] = text;
    }
  }
  return known;
}

const PARTS = ["status", "answer", "body", "query", "headers"];
const placeOrder = (one, other) => {
  const [a, b] = [one, other].map((place) => PARTS.indexOf(place.split(" ")[0]));
  return a - b || (one < other ? -1 : 1);
};

/** The changes of a call between two microversions: [{sign, place, words, was}], empty for none. */
function changes(history, call, from, to) {
  const [before, after] = [promised(history, call, from), promised(history, call, to)];
  if (!after) {
    return before
      ? [{ sign: "end", words: `ends: it isn't there from ${version(call.service, call.life[1] + 1)} on` }]
      : [];
  }
  const begins = before ? [] : [{ sign: "begin", words: "begins" }];
  const places = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].sort(placeOrder);
  return begins.concat(
    places.flatMap((place) => {
      const [was, words] = [before?.[place], after[place]];
      if (was === words) return [];
      return [{ sign: was === undefined ? "+" : words === undefined ? "-" : "~", place, words, was }];
    }),
  );
}

const turned = (history, call, at) => changes(history, call, at - 1, at);

const SIGNS = { "+": "added", "-": "removed", "~": "changed", begin: "", end: "" };
const LONG = 14;

function changeList(list) {
  const items = list.map(({ sign, place, words, was }) =>
    el(
      "li",
      { class: SIGNS[sign] || sign },
      SIGNS[sign] &&
        [
          el("span", { class: "sign", "aria-hidden": "true" }, sign === "-" ? "−" : sign),
          el("span", { class: "aside" }, `${SIGNS[sign]} `),
        ],
      place && el("code", {}, place),
      place && words && " ",
      words && el("span", { class: "words" }, words),
      was !== undefined && words !== undefined && el("span", { class: "was" }, " was ", el("del", {}, was)),
    )
  );
  const list_ = (some) => el("ul", { class: "changes" }, some);
  if (!items.length) return el("p", { class: "none" }, "Nothing that a schema says.");
  if (items.length <= LONG) return list_(items);
  return [
    list_(items.slice(0, LONG)),
    el("details", { class: "fold" }, el("summary", {}, `${items.length - LONG} more`), list_(items.slice(LONG))),
  ];
}

const historyView = {
  async build(open, moved) {
    const all = await unpack("history");
    const service = serviceNamed(range.service);
    const history = all[service.name];
    const last = history.first + history.summaries.length - 1;
    const known = (at, first) => at !== null && first <= at && at <= last;
    if (!known(range.from, history.first - 1) || !known(range.to, history.first)) {
      Object.assign(range, { from: last - 1, to: last });
    }
    const element = el(
      "div",
      { class: "history" },
      this.list(service, history, last, moved),
      await this.difference(service, history, open),
    );
    requestAnimationFrame(() => this.center(element));
    return element;
  },

  center(element) {
    const list = element.querySelector(".versions");
    const now = list?.querySelector("[aria-current]");
    if (now) list.scrollTop = now.offsetTop - list.clientHeight / 2;
  },

  list(service, history, last, moved) {
    const turns = new Map();
    for (const call of calls) {
      if (call.service === service) { for (const at of call.turns) turns.set(at, (turns.get(at) ?? 0) + 1); }
    }
    const most = Math.max(...[...turns].filter(([at]) => at > history.first).map(([, number]) => number), 1);
    const entries = [];
    for (let at = last; at >= history.first; at--) {
      const now = at === range.to && range.from === at - 1;
      const within = at > range.from && at <= range.to;
      const number = turns.get(at) ?? 0;
      const bar = svg(
        "svg",
        { class: "turns", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { width: Math.min(number / most, 1), height: 1 }),
      );
      const go = () => moved({ from: at - 1, to: at });
      entries.push(
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: within ? "within" : "", "aria-current": now && "true", onclick: go },
            el("b", {}, version(service, at)),
            el("span", {}, history.summaries[at - history.first]),
            el("small", { title: "calls that turn here" }, bar, count(number, "call")),
          ),
        ),
      );
    }
    return el(
      "div",
      { class: "side" },
      this.pickers(service, history, last, moved),
      el("ol", { class: "versions", reversed: true }, entries),
    );
  },

  pickers(service, history, last, moved) {
    const picker = (title, name, options, value, act) =>
      el(
        "div",
        { class: "field" },
        el("label", { for: `pick-${name}` }, title),
        el(
          "select",
          { id: `pick-${name}`, onchange: (event) => act(event.target.value) },
          options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)),
        ),
      );
    const versions = Array.from(
      { length: last - history.first + 1 },
      (_, index) => [history.first + index, version(service, history.first + index)],
    );
    const none = [history.first - 1, "nothing"];
    return el(
      "div",
      { class: "pickers" },
      run.services.length > 1 &&
        picker(
          "Service",
          "service",
          run.services.map(({ name }) => [name, name]),
          service.name,
          (name) => moved({ service: name, from: null, to: null }),
        ),
      picker("From", "from", [none, ...versions], range.from, (value) => moved({ from: Number(value) })),
      picker("To", "to", versions, range.to, (value) => moved({ to: Number(value) })),
    );
  },

  /** What lies between the two chosen microversions, whichever of them is the older. */
  async difference(service, history, open) {
    const [from, to] = [range.from, range.to].sort((one, other) => one - other);
    const alike = new Map();
    for (const call of calls.filter((each) => each.service === service)) {
      const list = changes(history, call, from, to);
      const key = JSON.stringify(list);
      if (list.length) alike.set(key, { list, some: [...(alike.get(key)?.some ?? []), call] });
    }
    const number = [...alike.values()].reduce((sum, { some }) => sum + some.length, 0);
    const title = to - from === 1
      ? `${service.name} ${version(service, to)}`
      : `${service.name} ${version(service, from)} to ${version(service, to)}`;
    return el(
      "div",
      { class: "difference", tabindex: "-1" },
      el("h2", {}, title, el("small", {}, number ? `${count(number, "call")} changed` : "No call changed")),
      await this.summaries(service, history, from, to),
      [...alike.values()].map(({ list, some }) =>
        el(
          "article",
          {},
          el(
            "ul",
            { class: "calls" },
            some.map((call) =>
              el(
                "li",
                {},
                el("button", {
                  type: "button",
                  class: "case-link",
                  onclick: () => open(call, Math.min(to, call.life[1])),
                }, callLabel(call)),
              )
            ),
          ),
          changeList(list),
        )
      ),
    );
  },

  async summaries(service, history, from, to) {
    const texts = await unpack("sources");
    const entries = [];
    for (let at = to; at > from && at >= history.first; at--) {
      const files = history.files[at - history.first].map((path) =>
        el(
          "details",
          { class: "source" },
          el("summary", {}, el("code", {}, path)),
          el("pre", { tabindex: "0" }, texts[path]),
        )
      );
      entries.push(
        el(
          "li",
          {},
          el("p", {}, to - from > 1 && el("b", {}, `${version(service, at)} `), history.summaries[at - history.first]),
          files.length > 3
            ? el("details", { class: "fold" }, el("summary", {}, `${files.length} files`), files)
            : files,
        ),
      );
    }
    const list = el("ul", { class: "summaries" }, entries);
    if (entries.length <= FEW) return list;
    return el("details", { class: "fold" }, el("summary", {}, count(entries.length, "microversion")), list);
  },
};
