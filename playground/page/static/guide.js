import { say } from "./words.js";

const guide = document.querySelector(".guide");
const finale = document.querySelector(".finale > div");
const upcoming = document.querySelector(".next");
const watch = new IntersectionObserver(([step]) => upcoming.classList.toggle("spare", step.isIntersecting), { rootMargin: "-140px 0px 0px" });
let current;

/**
 * Let the current step's button lead to where it is done.
 * @param {Record<string, () => Promise<Element | null>>} ways by step: what has to be pressed next, once it is there
 */
export function wireGuide(ways) {
  upcoming.querySelector(".go").addEventListener("click", () => guide.querySelector("[aria-current] .go").click());
  for (const [step, way] of Object.entries(ways)) {
    item(step).querySelector(".go").addEventListener("click", async () => {
      const goal = await way();
      if (!goal) return;
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      const panel = goal.closest(".panel");
      goal.closest(".messages")?.scrollTo({ top: goal.offsetTop - goal.closest(".messages").clientHeight / 2 });
      (panel ?? goal).scrollIntoView({ block: panel ? "start" : "nearest", behavior });
      goal.focus({ preventScroll: true });
      goal.classList.add("pointed");
      goal.addEventListener("blur", () => goal.classList.remove("pointed"), { once: true });
    });
  }
}

/** Tick off the steps that are done; the first that is not is the current one. */
export function showGuide(steps) {
  const next = steps.find((step) => !step.done);
  for (const { step, done } of steps) {
    const shown = item(step);
    shown.classList.toggle("done", done);
    shown.querySelector(".done-word").hidden = !done;
    shown.querySelector(".go").hidden = step !== next?.step;
    if (step === next?.step) shown.setAttribute("aria-current", "step");
    else shown.removeAttribute("aria-current");
  }
  finale.hidden = next !== undefined;
  if (next?.step !== current) follow(next?.step);
}

/** Keep the current step at hand while the guide itself is out of sight, above or under what stays on top. */
function follow(step) {
  current = step;
  watch.disconnect();
  upcoming.hidden = step === undefined;
  if (!step) return;
  upcoming.querySelector(".go").textContent = say("guide.next", { step: say(`guide.${step}`) });
  watch.observe(item(step));
}

function item(step) {
  return document.querySelector(`[data-step=${step}]`);
}
