import { say } from "./words.js";
import { toast } from "./toasts.js";

/** Asks for something to show; null when there is nothing new. */
export async function get(path, query = {}, signal = undefined) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`, { signal });
  if (response.status === 204) return null;
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** Does something; a refusal is shown in the platform's words. Returns the answer, or null when it was refused. */
export async function act(name, wish) {
  let answer;
  try {
    const response = await fetch(`/play/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    });
    answer = await response.json();
  } catch (error) {
    answer = { error: error.message };
  }
  if (answer.ok) return answer;
  const { platform } = wish;
  const words = answer.error;
  const text = platform ? say("toast.refused", { platform: say(`platform.${platform}`), words }) : say("toast.failed", { words });
  toast(text, { refused: true, platform });
  return null;
}
