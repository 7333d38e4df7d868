// The run: unpacked once, and indexed by cell. A batch of exchanges is unpacked when one of them is looked at.

const lines = new Map();
const values = new Map();

/** A packed value; `line` counts those of one name. */
function unpack(name, line = 0) {
  const key = `${name} ${line}`;
  if (!lines.has(name)) lines.set(name, document.getElementById(`pack-${name}`).textContent.split("\n"));
  if (!values.has(key)) values.set(key, inflate(lines.get(name)[line]));
  return values.get(key);
}

function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

const BATCH = 100;
const exchangeOf = async (number, name = "exchanges") =>
  (await unpack(name, Math.floor(number / BATCH)))[number % BATCH];

// The states of a cell, the gravest first: a cell is what the gravest of its cases is.
// A title, what it means, and how it is counted.
const STATES = {
  failed: ["Failed", "It doesn't answer as the history promises.", "failed"],
  "not-reached": [
    "Not reached",
    "An earlier step of the story failed, so that this one couldn't be asked.",
    "not reached",
  ],
  "not-run": ["Did not run", "It was planned, and the run ended before it.", "did not run"],
  skipped: ["Skipped", "It was planned, and left out.", "skipped"],
  known: [
    "Known departure",
    "It departs from the history in a way that is written down with its reason.",
    "known",
  ],
  passed: ["As promised", "It answers as the history promises.", "as promised"],
  unreachable: ["Out of reach", "No run on the embedded cloud can show it; the reason is written down."],
  refused: ["Refusals only", "What was asked here had to be refused, and was."],
  unasked: ["Not asked", "The call is there at this microversion, and the run didn't ask it."],
};
const GRAVITY = Object.keys(STATES);

const run = await unpack("run");
const { cases, facts } = run;
const serviceNamed = (name) => run.services.find((service) => service.name === name);
// What stories ask of other services stands behind the calls: it is no cell, and is never alive.
const calls = [
  ...run.services.flatMap((service) => service.calls.map((call) => ({ ...call, service }))),
  ...run.guests.map((guest) => ({
    ...guest,
    service: serviceNamed(guest.service),
    life: [1, 0],
    turns: [],
    excused: [],
  })),
];
calls.forEach((call, number) => Object.assign(call, { number, cells: new Map() }));
cases.call.forEach((call, number) => {
  const at = cases.at[number];
  const { cells } = calls[call];
  if (cells.has(at)) cells.get(at).push(number);
  else cells.set(at, [number]);
});

const version = (service, minor) => `${service.major}.${minor}`;
const caseId = (number) =>
  `${cases.names[cases.name[number]]}@${version(calls[cases.call[number]].service, cases.at[number])}`;
const toldOf = (number) => run.told[number] ?? {};
const alive = (call, at) => call.life[0] <= at && at <= call.life[1];
const excuse = (call, at) => call.excused.find(([first, last]) => first <= at && at <= last)?.[2];

/** A case's state; a refusal that came as it should is no show of the cell. */
function caseState(number) {
  const outcome = cases.states[cases.state[number]];
  return outcome === "passed" && !cases.shows[number] ? "refused" : outcome;
}

/** The state of a cell of which only these cases count; null where the call isn't and nothing was asked. */
function cellState(call, at, numbers) {
  const states = new Set(numbers.map(caseState));
  if (alive(call, at) && excuse(call, at)) states.add("unreachable");
  else if (alive(call, at)) states.add("unasked");
  return GRAVITY.find((state) => states.has(state)) ?? null;
}
