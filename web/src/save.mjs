// Saves a form as it is filled in, and shows what follows from it beside it. Without this script its button does the same.
import { inLine, parsed, swap } from "./part.mjs";

export function save(form) {
  const part = document.getElementById(form.dataset.save);
  const note = form.querySelector("[data-save-note]");
  let running = false;
  let again = false;
  const send = async () => {
    if (running) { again = true; return; }
    running = true;
    delete form.dataset.saved;
    note.textContent = "Saving…";
    await inLine(async () => {
      const answer = await fetch(form.action, {
        method: "POST", redirect: "error", headers: { "X-Part": "matches" }, body: new URLSearchParams(new FormData(form)),
      }).catch(() => null);
      if (answer?.ok) {
        const fresh = await parsed(answer);
        const version = fresh.querySelector("[data-version]")?.dataset.version;
        if (version) form.querySelector("[name=version]").value = version;
        swap(part, fresh);
        note.textContent = "Saved.";
        form.dataset.saved = "yes";
      } else {
        note.textContent = answer?.status === 422
          ? "Not saved yet: something is missing or wrong. The button below shows what."
          : "Not saved. Use the button below.";
      }
    });
    running = false;
    if (again) { again = false; send(); }
  };
  form.addEventListener("change", send);
  // The button waits for a save that is on its way, so that it does not overtake itself.
  form.addEventListener("submit", (event) => {
    if (!running) return;
    event.preventDefault();
    const { submitter } = event;
    const wait = () => (running ? setTimeout(wait, 20) : form.requestSubmit(submitter));
    wait();
  });
}
