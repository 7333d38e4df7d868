// Elements. What a cloud said comes only ever as text: nothing here reads markup.

const fill = (element, attributes, ...children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
};

/** An element: el("button", {class: "chip", onclick: act}, "text", child, ...). */
const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, ...children);

const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, ...children);

const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** A text for assistive technology: what a glance tells everybody else. */
const say = (text) => {
  document.getElementById("spoken").textContent = text;
};

/** A button that copies a text. */
const copier = (text) =>
  el("button", { type: "button", class: "copy", onclick: (event) => copy(text, event.currentTarget) }, "Copy");

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copying isn't allowed here";
  }
}
