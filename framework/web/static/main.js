// The beginning: who answers, in which mode.

import { Server } from "./api.js";
import { Keep } from "./keep.js";
import { explain } from "./keys.js";
import { Page } from "./page.js";
import { element } from "./text.js";

const byId = (id) => document.getElementById(id);

/** Who answers: the address says it, or this browser remembers, or the server presumes, or we ask. */
async function annotator(keep, presumed) {
  const given = new URLSearchParams(location.search).get("annotator") ?? keep.get("annotator", presumed);
  return given.trim() ? given.trim().slice(0, 64) : ask("", keep);
}

function ask(current, keep) {
  const dialog = byId("names");
  byId("name").value = current;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const chosen = byId("name").value.trim() || current;
      if (!chosen) {
        dialog.showModal();
        return;
      }
      keep.set("annotator", chosen);
      resolve(chosen);
    });
  });
}

function go(changes) {
  const address = new URL(location.href);
  for (const [key, value] of Object.entries(changes)) address.searchParams.set(key, value);
  location.assign(address);
}

async function begin() {
  const page = document.body.dataset;
  const server = new Server(new URLSearchParams(location.search).get("mode") ?? page.mode);
  const settings = await server.settings();
  const keep = new Keep(`nerture/${settings.dataset}`);
  const modes = byId("modes");
  modes.replaceChildren(...settings.modes.map((mode) => element("option", { value: mode, selected: mode === settings.mode }, mode)));
  modes.disabled = settings.modes.length < 2;
  modes.addEventListener("change", () => go({ mode: modes.value }));
  explain(byId("help"));
  const who = await annotator(keep, page.annotator);
  byId("who").replaceChildren(element("bdi", {}, who));
  byId("who").addEventListener("click", async () => go({ annotator: await ask(who, keep) }));
  new Page(settings, server, who).begin();
}

begin().catch((error) => {
  const notice = byId("notice");
  notice.hidden = false;
  const again = element("button", { class: "no" }, "Try again");
  again.addEventListener("click", () => location.reload());
  notice.replaceChildren(`The page cannot begin: ${error.message}`, again);
});
