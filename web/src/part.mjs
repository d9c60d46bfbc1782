// A part of a page that the server renders anew, and the requests that lead to it, one after the other: two at once would
// each know another version of the case.
let line = Promise.resolve();

/** Does this when what was begun before is done. */
export const inLine = (work) => (line = line.then(work, work));

const boxes = "input:not([type=hidden]), select";

/** Puts what came in place of what is there. What somebody is filling in there, has unfolded or is at stays as it is. */
export function swap(part, fresh) {
  const at = part.contains(document.activeElement) ? document.activeElement.id : "";
  const typed = [...part.querySelectorAll("[data-ask]")].flatMap((form) => [...form.querySelectorAll(boxes)])
    .map((box) => [box.id, box.value, box.checked]);
  const open = [...part.querySelectorAll("details[open]")].map((fold) => fold.id);
  part.replaceChildren(...fresh.childNodes);
  for (const [id, value, checked] of typed) {
    const box = id && part.querySelector(`#${CSS.escape(id)}`);
    if (!box) continue;
    if (box.type === "radio") box.checked = checked; else box.value = value;
  }
  for (const id of open) if (id) part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  if (at) (part.querySelector(`#${CSS.escape(at)}`) ?? part).focus({ preventScroll: true });
}

/** What a request for a part gave. */
export const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html").body;
