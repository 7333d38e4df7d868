// Moving over the map, by pointer and by keys. One cell can have the focus: it is an element that moves, and says what it is.

const moves = {
  cell: el("button", { type: "button", role: "gridcell", class: "cursor", tabindex: "0" }),
  hover: el("div", { class: "hover", "aria-hidden": "true" }),
  tip: el("div", { class: "tip", "aria-hidden": "true", hidden: true }),

  build(open) {
    const place = theMap.element.querySelector(".grids");
    this.open = open;
    theMap.element.append(this.tip);
    this.place(theMap.rows[0], theMap.rows[0].call.life[0]);
    place.addEventListener("pointermove", (event) => this.point(event));
    place.addEventListener("pointerleave", () => this.leave());
    place.addEventListener("click", (event) => {
      const [row, at] = this.under(event);
      if (row && row.states.has(at)) this.go(row, at, true);
    });
    place.addEventListener("keydown", (event) => this.key(event));
  },

  get row() {
    return theMap.seen.get(this.cell.closest(".row"));
  },

  /** After the filters: what the cell says may have changed, and its row may be hidden. */
  settle() {
    const { row } = this;
    this.place(row.element.hidden ? theMap.visible[0] ?? row : row, row.at);
  },

  under(event) {
    const strip = event.target.closest(".strip");
    if (!strip) return [];
    const row = theMap.seen.get(strip.parentElement);
    const { left, width } = strip.getBoundingClientRect();
    const { first, last } = row.call.service;
    const column = Math.floor(((event.clientX - left) / width) * (last - first + 1));
    return [row, first + Math.min(Math.max(column, 0), last - first)];
  },

  point(event) {
    const [row, at] = this.under(event);
    if (!row || !row.states.has(at)) {
      this.leave();
      return;
    }
    this.stand(this.hover, row, at);
    const [title, ...more] = this.words(row, at);
    this.tip.replaceChildren(el("b", {}, title), ...more.map((text) => el("span", {}, text)));
    this.tip.hidden = false;
    const { width, height } = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.min(event.clientX + 14, innerWidth - width - 8)}px`;
    this.tip.style.top = `${
      event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18
    }px`;
  },

  leave() {
    this.tip.hidden = true;
    this.hover.remove();
  },

  words(row, at) {
    const state = row.states.get(at);
    const some = row.call.cells.get(at)?.length ?? 0;
    const turn = row.call.turns.includes(at)
      ? (alive(row.call, at) ? (at === row.call.life[0] ? "begins here" : "changes here") : "ended here")
      : "";
    return [
      `${row.call.name} at ${version(row.call.service, at)}`,
      [state ? STATES[state][0] : "Not there", some && count(some, "case"), turn].filter(Boolean).join(", "),
    ];
  },

  stand(element, row, at) {
    const { first, last } = row.call.service;
    row.strip.append(element);
    element.style.left = `${((at - first) / (last - first + 1)) * 100}%`;
  },

  /** Put the cursor at a cell, without taking the focus. */
  place(row, at) {
    row.at = Math.min(Math.max(at, row.call.service.first), row.call.service.last);
    this.stand(this.cell, row, row.at);
    this.label(row);
  },

  label(row) {
    this.cell.setAttribute("aria-label", this.words(row, row.at).join(": "));
    this.cell.setAttribute("aria-colindex", row.at - row.call.service.first + 1);
  },

  outline() {
    this.cell.closest(".row").scrollIntoView({ block: "nearest" });
  },

  /** Go to a cell; `open` shows it beside the map. */
  go(row, at, open) {
    this.place(row, at);
    this.cell.focus({ preventScroll: true });
    this.outline();
    if (open || !document.getElementById("cell").hidden) this.open(row.call, row.at);
  },

  key(event) {
    if (event.target !== this.cell || event.altKey || event.metaKey) return;
    const { row } = this;
    const step = event.ctrlKey ? Infinity : 1;
    const { first, last } = row.call.service;
    const act = {
      ArrowLeft: () => this.go(row, Math.max(row.at - step, first)),
      ArrowRight: () => this.go(row, Math.min(row.at + step, last)),
      ArrowUp: () => this.rise(row, -step),
      ArrowDown: () => this.rise(row, step),
      PageUp: () => this.rise(row, -10),
      PageDown: () => this.rise(row, 10),
      Home: () => this.go(row, Math.max(row.call.life[0], first)),
      End: () => this.go(row, Math.min(row.call.life[1], last)),
      Enter: () => this.open(row.call, row.at),
      " ": () => this.open(row.call, row.at),
      n: () => this.next(row, 1),
      p: () => this.next(row, -1),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  },

  rise(row, by) {
    const there = theMap.visible;
    const index = Math.min(Math.max(there.indexOf(row) + by, 0), there.length - 1);
    this.go(there[index], row.at);
  },

  /** The next cell that failed, or the one before. */
  next(row, by) {
    const failed = theMap.visible.flatMap((each) =>
      [...each.shown].filter((at) => each.states.get(at) === "failed").sort((a, b) => a - b).map((at) => [each, at])
    );
    const here = ([each, at]) => each.call.number * 1000 + at;
    const now = here([row, row.at]);
    const found = by > 0 ? failed.find((each) => here(each) > now) : failed.findLast((each) => here(each) < now);
    if (found) this.go(...found);
    else say(by > 0 ? "Nothing failed after this cell." : "Nothing failed before this cell.");
  },

  /** Show a cell that was chosen elsewhere. */
  reveal(call, at) {
    const row = theMap.rows[call.number];
    if (!row.element.hidden) this.place(row, at);
  },
};
