import {
  createAll, Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, NotificationBanner, PasswordInput, Radios,
  ServiceNavigation, SkipLink, Tabs,
} from "govuk-frontend";
import { ask } from "./ask.mjs";
import { live } from "./live.mjs";
import { save } from "./save.mjs";
import { warn } from "./session.mjs";

// Instead of an inline snippet: a module script runs only where modules exist, so both facts are already true.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const Component of [Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, NotificationBanner,
  PasswordInput, Radios, ServiceNavigation, SkipLink, Tabs]) createAll(Component);
document.querySelectorAll("[data-live]").forEach(live);
document.querySelectorAll("#beside").forEach(ask);
document.querySelectorAll("form[data-save]").forEach(save);
warn();
