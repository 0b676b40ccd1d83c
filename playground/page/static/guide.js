const finale = document.querySelector(".finale > div");

/**
 * Let the current step's button lead to where it is done.
 * @param {Record<string, () => Promise<Element | null>>} ways by step: what has to be pressed next, once it is there
 */
export function wireGuide(ways) {
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
}

function item(step) {
  return document.querySelector(`[data-step=${step}]`);
}
