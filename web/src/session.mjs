// Warns before a session ends, and lets it go on. What is typed stays where it is; without this script it is kept too,
// and given back after the next sign-in.
const WARNING = 5 * 60; // seconds before the end

export function warn() {
  const seconds = Number(document.body.dataset.secondsLeft);
  if (!seconds) return;
  let ends = Date.now() + seconds * 1000;
  let box;
  const check = () => {
    const left = Math.round((ends - Date.now()) / 1000);
    if (left > WARNING) { box?.remove(); box = undefined; return; }
    if (!box) {
      box = document.createElement("div");
      box.className = "sh-warning govuk-body";
      box.setAttribute("role", "alert");
      const text = document.createElement("span");
      const stay = Object.assign(document.createElement("button"), { type: "button", className: "govuk-button sh-button-small", textContent: "Stay signed in" });
      stay.addEventListener("click", async () => {
        const answer = await fetch("/session", { redirect: "error" }).catch(() => null);
        if (answer?.ok) { ends = Date.now() + seconds * 1000; check(); }
        else text.textContent = "You have been signed out. What you typed is kept: send it, then sign in again. ";
      });
      box.append(text, stay);
      document.querySelector("main").prepend(box);
      text.textContent = left > 0
        ? "You will be signed out in 5 minutes. What you typed stays here. "
        : "You have been signed out. What you typed is kept: send it, then sign in again. ";
    }
  };
  setInterval(check, 10_000);
  document.addEventListener("visibilitychange", check);
}
