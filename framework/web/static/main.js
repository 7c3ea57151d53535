// Start-up: who answers, in which mode.

import { Server } from "./api.js";
import { Keep } from "./keep.js";
import { fillHelp } from "./keys.js";
import { Page } from "./page.js";
import { element } from "./text.js";

const byId = (id) => document.getElementById(id);

/** The annotator: from the address, or remembered by this browser, or the server's default, or asked for. */
async function findAnnotator(keep, fallback) {
  const name = new URLSearchParams(location.search).get("annotator") ?? keep.get("annotator", fallback);
  return name.trim() ? name.trim().slice(0, 64) : askForName("", keep);
}

function askForName(current, keep) {
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

function openWith(changes) {
  const address = new URL(location.href);
  for (const [key, value] of Object.entries(changes)) address.searchParams.set(key, value);
  location.assign(address);
}

async function start() {
  const page = document.body.dataset;
  const server = new Server(new URLSearchParams(location.search).get("mode") ?? page.mode);
  const settings = await server.settings();
  const keep = new Keep(`nerture/${settings.dataset}`);
  const modes = byId("modes");
  modes.replaceChildren(...settings.modes.map((mode) => element("option", { value: mode, selected: mode === settings.mode }, mode)));
  modes.disabled = settings.modes.length < 2;
  modes.addEventListener("change", () => openWith({ mode: modes.value }));
  fillHelp(byId("help"));
  const who = await findAnnotator(keep, page.annotator);
  byId("who").replaceChildren(element("bdi", {}, who));
  byId("who").addEventListener("click", async () => openWith({ annotator: await askForName(who, keep) }));
  new Page(settings, server, who).start();
}

start().catch((error) => {
  const notice = byId("notice");
  notice.hidden = false;
  const again = element("button", { class: "no" }, "Try again");
  again.addEventListener("click", () => location.reload());
  notice.replaceChildren(`The page cannot start: ${error.message}`, again);
});
