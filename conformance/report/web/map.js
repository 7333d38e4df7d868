// The map: a grid a service, a row a call, a column a microversion. A row is one drawing, so that tens of thousands of
// cells cost little; the one cell that has the focus is an element of its own, and moves.

// Each state has a shape of its own in a square of one, so that colour is never all that tells it.
const SHAPES = {
  failed: (x) =>
    `M${x} 0h1v1h-1zM${x + 0.2} .12l-.1.12.28.26-.28.26.1.12.3-.26.3.26.1-.12-.28-.26.28-.26-.1-.12-.3.26z`,
  "not-reached": (x) => `M${x + 0.5} 0l.5.5-.5.5-.5-.5z`,
  "not-run": (x) => `M${x + 0.08} .08h.84v.84h-.84zM${x + 0.26} .22v.56h.48v-.56z`,
  skipped: (x) => `M${x + 0.12} .1h.28v.8h-.28zM${x + 0.6} .1h.28v.8h-.28z`,
  known: (x) => `M${x} .95l.5-.9.5.9z`,
  passed: (x) => `M${x + 0.07} .07h.86v.86h-.86z`,
  refused: (x) => `M${x + 0.07} .33h.86v.34h-.86z`,
  unreachable: (x) => `M${x + 0.35} .35h.3v.3h-.3z`,
  unasked: () => "",
};

/** A state's sign for legends and lists. */
const icon = (state) =>
  svg(
    "svg",
    { class: `icon ${state}`, viewBox: "-.1 -.1 1.2 1.2", "aria-hidden": "true" },
    svg("path", state === "unasked" ? { class: "rail", d: "M0 .5h1" } : { class: state, d: SHAPES[state](0) }),
  );

const resource = (call) => `/${call.name.split(" ")[1].split("/").slice(1, 2).join("") || ""}`;

function callLabel(call) {
  const [method, path, action] = call.name.split(" ");
  return [
    call.of && [el("span", { class: "service-name" }, call.of), " "],
    el("span", { class: `method ${method}` }, method),
    " ",
    el("span", { class: "path" }, path),
    action && [" ", el("b", {}, action)],
  ];
}

const theMap = {
  rows: [],
  seen: new Map(),

  build() {
    this.grids = run.services.map((service) => this.grid(service));
    const sizes = [["overview", "At a glance"], ["rows", "Call by call"]].map(([size, text]) =>
      el("button", { type: "button", class: "chip", "data-size": size, onclick: () => this.resize(size) }, text)
    );
    const key = el(
      "p",
      { class: "key" },
      "Each row is a call, each column a microversion. ",
      svg(
        "svg",
        { class: "icon", viewBox: "-.1 -.1 1.2 1.2", "aria-hidden": "true" },
        svg("path", { class: "rail", d: "M0 .5h1" }),
        svg("path", { class: "turn", d: "M.5 0v1" }),
      ),
      " marks where the call begins, changes or ends. Arrow keys move, Enter opens, n and p go to what failed.",
    );
    this.element = el(
      "div",
      { class: "map" },
      el(
        "div",
        { class: "bar-of-map" },
        key,
        el("div", { class: "sizes", role: "group", "aria-label": "Size" }, sizes),
      ),
      el("div", { class: "grids" }, this.grids),
    );
    this.resize("overview");
  },

  grid(service) {
    const mine = calls.filter((call) => call.service === service && !call.of);
    const groups = grouped(mine, resource);
    const columns = service.last - service.first + 1;
    const body = groups.map(([path, members]) =>
      el(
        "div",
        { class: "group", role: "rowgroup" },
        el("div", { class: "resource", "aria-hidden": "true" }, path),
        members.map((call) => this.row(call, columns, mine.indexOf(call))),
      )
    );
    const grid = el("div", {
      class: "grid",
      role: "grid",
      "aria-label": `${service.name}: calls by microversions`,
      "aria-rowcount": mine.length,
      "aria-colcount": columns,
    }, body);
    const title = el(
      "h2",
      {},
      service.name,
      el(
        "small",
        { title: `${count(mine.length, "call")}, ${count(columns, "microversion")}` },
        `${mine.length} × ${columns}`,
      ),
    );
    const section = el(
      "section",
      { class: "chart", "data-service": service.name },
      el("div", { class: "head" }, title, this.axis(service, columns)),
      grid,
    );
    section.style.setProperty("--columns", columns);
    return section;
  },

  axis(service, columns) {
    const ticks = [];
    for (let at = service.first; at <= service.last; at++) {
      if (at !== service.first && at % 10) continue;
      const tick = el("span", { class: at % 20 && at !== service.first ? "minor" : "" }, version(service, at));
      tick.style.left = `${((at - service.first + 0.5) / columns) * 100}%`;
      ticks.push(tick);
    }
    return el("div", { class: "axis", "aria-hidden": "true" }, ticks);
  },

  row(call, columns, index) {
    const drawing = svg("svg", { viewBox: `0 0 ${columns} 1`, preserveAspectRatio: "none", "aria-hidden": "true" });
    const strip = el("div", { class: "strip" }, drawing);
    const element = el(
      "div",
      { class: "row", role: "row", "aria-rowindex": index + 1 },
      el("div", { class: "label", role: "rowheader", title: call.name }, callLabel(call)),
      strip,
    );
    const row = { call, element, strip, drawing, states: new Map() };
    this.rows.push(row);
    this.seen.set(element, row);
    return element;
  },

  /** Draw what the filters let through; a row without any of it is hidden. */
  paint(listed) {
    for (const row of this.rows) Object.assign(row, { states: new Map(), shown: new Set() });
    for (const { call, at, state, fits } of listed) {
      const row = this.rows[call.number];
      row.states.set(at, state);
      if (fits && outcomeFits(state)) row.shown.add(at);
    }
    for (const row of this.rows) this.draw(row);
    for (const group of this.element.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".row:not([hidden])");
    }
    for (const grid of this.grids) grid.hidden = !grid.querySelector(".row:not([hidden])");
    this.fit();
  },

  get visible() {
    return this.rows.filter(({ element }) => !element.hidden);
  },

  draw(row) {
    const { call, states, shown } = row;
    const first = call.service.first;
    const paths = { rail: "", turn: "" };
    for (const [at, state] of states) {
      if (alive(call, at) && state !== "unreachable") paths.rail += `M${at - first} .5h1`;
      if (shown.has(at)) paths[state] = (paths[state] ?? "") + SHAPES[state](at - first);
    }
    for (const at of call.turns) if (at > first && at <= call.service.last) paths.turn += `M${at - first} 0v1`;
    row.element.hidden = shown.size === 0;
    row.drawing.replaceChildren(...Object.entries(paths).map(([name, d]) => svg("path", { class: name, d })));
  },

  resize(size) {
    this.element.dataset.size = size;
    for (const button of this.element.querySelectorAll("[data-size]")) {
      button.setAttribute("aria-pressed", String(button.dataset.size === size));
    }
    this.fit();
  },

  /** At a glance the services stand side by side, each as wide as its microversions, and rows are as high as many fit. */
  fit() {
    const rows = Math.max(...this.grids.map((grid) => grid.querySelectorAll(".row:not([hidden])").length), 1);
    this.element.style.setProperty("--glance", `${Math.min(Math.max(Math.floor(600 / rows), 3), 9)}px`);
    const there = run.services.filter((_, index) => !this.grids[index].hidden);
    this.element.style.setProperty(
      "--tracks",
      there.map(({ first, last }) => `${Math.max(last - first + 1, 30)}fr`).join(" "),
    );
  },
};

/** A list as pairs of what `by` says of its members and the members, in the order in which they come. */
function grouped(list, by) {
  const groups = new Map();
  for (const each of list) {
    const key = by(each);
    if (groups.has(key)) groups.get(key).push(each);
    else groups.set(key, [each]);
  }
  return [...groups];
}
