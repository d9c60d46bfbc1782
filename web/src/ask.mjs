// Sends the answer to a question that stands beside the places, shows what it decided, and goes on to the next question.
// Without this script the form does the same with another page.
import { inLine, parsed, swap } from "./part.mjs";

const field = "button, input:not([type=hidden]), select, a";

export function ask(part) {
  const note = part.parentElement.querySelector("[data-live-note]");
  const say = (text) => {
    note.classList.add("govuk-visually-hidden");
    note.replaceChildren(text);
  };
  part.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-ask]")) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    const body = new URLSearchParams(new FormData(form));
    if (submitter?.name) body.append(submitter.name, submitter.value);
    inLine(async () => {
      // What was saved meanwhile is no news to who sees it.
      body.set("version", part.querySelector("[data-version]")?.dataset.version ?? body.get("version"));
      const answer = await fetch(form.action, {
        method: "POST", redirect: "error", headers: { "X-Part": "matches" }, body,
      }).catch(() => null);
      if (!answer?.ok && answer?.status !== 422) { plainly(form, submitter); return; }
      const wrong = answer.status === 422;
      const fresh = await parsed(answer);
      if (!wrong) form.remove(); // answered: nothing of it is kept
      swap(part, fresh);
      const version = part.querySelector("[data-version]")?.dataset.version;
      if (version) for (const known of document.querySelectorAll("form[data-save] [name=version]")) known.value = version;
      const next = wrong
        ? part.querySelector(`[data-ask="${form.dataset.ask}"]`)?.querySelector(field)
        : part.querySelector(".sh-asked__list > li")?.querySelector(field);
      (next ?? part.querySelector("#asked-title") ?? part).focus();
      const told = [...part.querySelectorAll(wrong ? ".govuk-error-message" : "[data-heard], [data-summary]")];
      say(told.map((one) => one.textContent).join(" "));
      if (!wrong) follow();
    });
  });
}

// What stands elsewhere on the page and says what is known.
async function follow() {
  const parts = document.querySelectorAll("[data-follows]");
  if (!parts.length) return;
  const answer = await fetch(location.pathname, { redirect: "error", headers: { "X-Part": "known" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = await parsed(answer);
  for (const old of parts) {
    const now = fresh.querySelector(`#${old.id}`);
    if (now && !old.contains(document.activeElement)) old.replaceChildren(...now.childNodes);
  }
}

// The way without a script, which also says what went wrong.
function plainly(form, submitter) {
  if (!form.isConnected) { location.reload(); return; }
  if (submitter?.name) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
  }
  form.submit();
}
