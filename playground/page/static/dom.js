/** Builds an element: `h("button", { class: "send", on: { click } }, "Send")`. What is null or false is left out. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Markup that a stand-in has written and escaped; it is set nowhere else. */
export function markup(tag, html, props = {}) {
  const node = h(tag, props);
  node.innerHTML = html;
  return node;
}

const drawn = new WeakMap();

/**
 * Makes a list show these items, touching only what changed, so that screen readers announce only what is new.
 * @param {Element} list
 * @param {{key: string, looks: unknown, draw: () => Element}[]} items
 */
export function syncList(list, items) {
  const before = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const kept = new Set(items.map((item) => item.key));
  for (const [key, node] of before) if (!kept.has(key)) node.remove();
  let place = list.firstElementChild;
  for (const item of items) {
    const looks = JSON.stringify(item.looks);
    let node = before.get(item.key);
    if (!node || drawn.get(node) !== looks) {
      const fresh = item.draw();
      fresh.dataset.key = item.key;
      drawn.set(fresh, looks);
      if (node) {
        const held = node.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
        if (place === node) place = fresh;
        node.replaceWith(fresh);
        if (held !== undefined) (find(fresh, held) ?? fresh).focus({ preventScroll: true });
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
}

function find(node, focus) {
  return [...node.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === focus);
}
