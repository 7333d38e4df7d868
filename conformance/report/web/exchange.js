// An exchange as text: the request, and the answer with the places of findings marked.

const ANSWER = /\n\n(?=\d{3}(?:\n|$)|no answer: )/;

/** A request and its answer, with the places of findings marked. */
function exchangeView(text, findings = []) {
  if (!text) {
    return [el("p", { class: "none" }, "No exchange was kept: it isn't in allure-results/ in the folder of the run.")];
  }
  const cut = text.search(ANSWER);
  const [request, answer] = cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 2)];
  return [
    el("h4", {}, "Request", copier(request)),
    el("pre", { class: "request", tabindex: "0" }, request),
    answer &&
    [
      el("h4", {}, "Answer", copier(answer)),
      el(
        "pre",
        { class: "answer", tabindex: "0" },
        marked(answer, findings.map(({ pointer }) => pointer)),
      ),
    ],
  ].flat().filter(Boolean);
}

/** The text of an answer with the lines marked that pointers name, or what is nearest around a missing key. */
function marked(answer, pointers) {
  const text = answer.split("\n");
  const places = pointed(text);
  const wanted = pointers.filter(Boolean).map((pointer) => {
    for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
      if (places.includes(place)) return place;
    }
    return null;
  });
  return text.map((
    line,
    index,
  ) => (places[index] && wanted.includes(places[index]) ? el("mark", {}, `${line}\n`) : `${line}\n`));
}

/** The JSON pointer of each line of an answer, whose body is indented by two; null for headers and closing brackets. */
function pointed(text) {
  const path = [];
  return text.map((line) => {
    const [, indent, name] = /^( +)(?:"((?:[^"\\]|\\.)*)": )?/.exec(line) ?? [];
    if (indent === undefined || /^ *[}\]]/.test(line)) return null;
    const depth = indent.length / 2;
    const before = path[depth - 1];
    path.length = depth - 1;
    path.push(
      name === undefined
        ? (typeof before === "number" ? before + 1 : 0)
        : name.replaceAll("~", "~0").replaceAll("/", "~1"),
    );
    return `/${path.join("/")}`;
  });
}
