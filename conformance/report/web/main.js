// The page: views, their addresses, and what moves between them. The address says all that is to be seen.

const VIEWS = { map: "Map", findings: "Findings", history: "History", comparison: "Comparison" };
const place = document.getElementById("view");
let view = "map";
let turn = 0;

/** The address of a view: `#/history?service=compute&from=25&to=26`. */
function address({ view: name, ...parts }) {
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== null && value !== ""));
  return `#/${name}${query.size ? `?${query}` : ""}`;
}

function remember() {
  const cell = cellView.now && !cellView.now.call.of
    ? { at: `${cellView.now.call.service.name} ${cellView.now.at} ${cellView.now.call.name}` }
    : {};
  const filters = {
    find: chosen.text,
    of: [...chosen.service].join(" "),
    outcome: [...chosen.outcome].join(" "),
    gate: chosen.gate,
  };
  const parts = view === "history" ? range : filters;
  history.replaceState(null, "", address({ view, ...parts, ...cell }));
}

async function recall() {
  const [name, query] = location.hash.slice(2).split("?");
  const parts = new URLSearchParams(query);
  view = Object.hasOwn(VIEWS, name) && (name !== "comparison" || run.comparison) ? name : "map";
  if (view === "history") recallRange(parts);
  else recallFilters(parts);
  filterBar.build(document.querySelector(".filters"), refresh);
  const [, service, at, call] = /^(\S+) (\d+) (.+)$/.exec(parts.get("at") ?? "") ?? [];
  const within = ({ first, last }) => first <= Number(at) && Number(at) <= last;
  const found = calls.find((each) =>
    !each.of && each.service.name === service && each.name === call && within(each.service)
  );
  await show();
  if (found) {
    moves.reveal(found, Number(at));
    await cellView.show(found, Number(at));
  }
  remember();
}

function recallRange(parts) {
  const service = serviceNamed(parts.get("service")) ?? run.services[0];
  const bound = (text) => (/^-?\d+$/.test(text ?? "") ? Number(text) : null);
  Object.assign(range, { service: service.name, from: bound(parts.get("from")), to: bound(parts.get("to")) });
  if (range.from === null || range.to === null) Object.assign(range, { from: null, to: null });
}

function recallFilters(parts) {
  const some = (name) => (parts.get(name) ?? "").split(" ").filter(Boolean);
  const gate = cases.gates.includes(parts.get("gate")) ? parts.get("gate") : "";
  Object.assign(chosen, { text: parts.get("find") ?? "", gate });
  chosen.service = new Set(some("of").filter(serviceNamed));
  chosen.outcome = new Set(some("outcome").filter((state) => present.has(state)));
}

function tabs() {
  const numbers = { findings: run.groups.length, comparison: run.comparison?.changes.length };
  const links = Object.entries(VIEWS).filter(([name]) => name !== "comparison" || run.comparison).map(([name, title]) =>
    el(
      "a",
      { href: `#/${name}`, "data-view": name, onclick: (event) => turnTo(name, event) },
      title,
      name in numbers && el("small", {}, numbers[name].toLocaleString("en")),
    )
  );
  document.querySelector(".views").replaceChildren(...links);
}

function turnTo(name, event) {
  event.preventDefault();
  view = name;
  history.pushState(null, "", address({ view }));
  show().then(remember);
}

const refresh = () => {
  show().then(remember);
};

const openCell = (call, at) => cellView.show(call, at).then(remember);
const openCase = (number) =>
  cellView.show(calls[cases.call[number]], cases.at[number], { focus: true, only: number }).then(remember);
const openCall = (call, at) => cellView.show(call, at, { focus: true }).then(remember);

const PAGES = {
  map: () => theMap.element,
  findings: () => findingsView.build(openCase),
  history: () =>
    historyView.build(openCall, (change) => {
      Object.assign(range, change);
      refresh();
    }),
  comparison: () => comparisonView.build(openCase),
};

/** Show the view; a newer call overtakes an older one. */
async function show() {
  const mine = ++turn;
  for (const link of document.querySelectorAll(".views a")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (document.body.dataset.view !== view) scrollTo(0, 0);
  document.body.dataset.view = view;
  document.querySelector(".filters").hidden = view === "history";
  const listed = [...cells()];
  filterBar.show(listed);
  if (view === "map") {
    theMap.paint(listed);
    moves.settle();
  }
  const page = await PAGES[view]();
  if (mine !== turn) return;
  if (place.firstChild !== page) place.replaceChildren(page);
  place.removeAttribute("aria-busy");
}

cellView.closed = () => {
  remember();
  if (view === "map") moves.cell.focus();
  else place.focus();
};
addEventListener("keydown", (event) => event.key === "Escape" && cellView.now && cellView.close());
addEventListener("hashchange", () => location.hash.startsWith("#/") && recall());
theMap.build();
moves.build(openCell);
tabs();
await recall();
