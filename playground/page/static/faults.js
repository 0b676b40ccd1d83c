import { act } from "./api.js";
import { h, syncList } from "./dom.js";
import { say } from "./words.js";

const ANY = "*";
const form = document.getElementById("faults-form");
const platform = document.getElementById("fault-platform");
const method = document.getElementById("fault-method");
const kind = document.getElementById("fault-kind");
const seconds = document.getElementById("fault-seconds");
const times = document.getElementById("fault-times");
const panel = document.getElementById("faults");
const calm = document.getElementById("faults-calm");

/** Let the visitor choose what goes wrong; `scenery` says what can. */
export function wireFaults(scenery) {
  const drawMethods = () =>
    method.replaceChildren(h("option", { value: ANY }, say("faults.any")), ...scenery.methods[platform.value].map((name) => h("option", { value: name }, name)));
  const onlyForRate = () => (seconds.disabled = kind.value !== "rate");
  kind.replaceChildren(...scenery.faults.map((name) => h("option", { value: name }, say(`faults.kind.${name}`))));
  platform.addEventListener("change", drawMethods);
  kind.addEventListener("change", onlyForRate);
  drawMethods();
  onlyForRate();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act("fail", { platform: platform.value, method: method.value, fault: kind.value, seconds: seconds.valueAsNumber, times: times.valueAsNumber });
  });
  calm.addEventListener("click", async () => {
    await act("calm", {});
    panel.querySelector("summary").focus();
  });
}

/** Show what is still to go wrong. */
export function showFaults(armed) {
  const items = armed.map((one) => ({ key: `${one.platform} ${one.method} ${one.fault}`, looks: one, draw: () => line(one) }));
  if (items.length === 0) items.push({ key: "none", looks: "", draw: () => h("li", { class: "hint" }, say("faults.none")) });
  syncList(document.getElementById("faults-armed"), items);
  calm.hidden = armed.length === 0;
}

function line({ platform: of, method: name, fault, times: often }) {
  const key = `faults.kind.${fault}`;
  const called = name === ANY ? say("faults.any") : h("code", {}, name);
  return h("li", {}, h("b", {}, say(`platform.${of}`)), " · ", called, " · ", say(key), " · ", `${often} ×`);
}
