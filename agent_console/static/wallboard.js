// The supervisor's page: tables drawn anew from each picture of the moment.
import { listen, show, startClocks } from "./live.js";

const by = (id) => document.getElementById(id);
const tick = startClocks();

function cell(text, data = {}, className = "") {
  const element = document.createElement("td");
  const inner = className ? element.appendChild(document.createElement("span")) : element;
  inner.textContent = text;
  inner.className = className;
  Object.assign(inner.dataset, data);
  return element;
}

function draw(id, rows) {
  by(id).tBodies[0].replaceChildren(...rows.map(({ mark, cells }) => {
    const row = document.createElement("tr");
    row.className = mark;
    row.append(...cells);
    return row;
  }));
}

// The supervisor's forms choose among those who are there now; what is chosen stays while it is there.
function fill(what, options) {
  const list = document.querySelector(`[data-fill="${what}"]`);
  if (!list || list === document.activeElement) return;
  const chosen = list.value;
  list.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

async function refreshCases() {
  const list = by("case-list");
  if (list.contains(document.activeElement)) return; // Somebody writes an outcome: later.
  const answer = await fetch(location.href).catch(() => null); // A line that is down shows in the banner.
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("case-list");
  if (fresh) list.replaceWith(fresh);
}

listen({
  snapshot(now) {
    draw("tickets", now.tickets.map((ticket) => ({
      mark: ticket.caller_class,
      cells: [
        cell(ticket.class_word, {}, "tag"), cell(ticket.intent_word), cell("", { since: ticket.joined_at }),
        cell(ticket.stage_word), cell(ticket.offered_to ?? ""),
      ],
    })));
    draw("agents", now.agents.map((agent) => ({
      mark: "",
      cells: [
        cell(agent.extension), cell(agent.name), cell(agent.state_word, { state: agent.state }, "pill"),
        cell("", { since: agent.since }),
      ],
    })));
    draw("overdue-orders", now.overdue.map((order) => ({
      mark: order.level === 3 ? "sos" : "",
      cells: [
        cell(order.number), cell(order.item), cell(order.state_word, { order: order.state }, "pill"),
        cell("", { since: order.since }), cell(order.level_word, {}, "tag"), cell(order.taken_by),
      ],
    })));
    by("overdue-count").textContent = now.overdue_count;
    show(by("nothing-overdue"), now.overdue.length === 0);
    fill("agents", now.agents.map((agent) => [agent.extension, `${agent.extension} ${agent.name} ${agent.state_word}`]));
    fill("tickets", now.tickets.map((ticket) => [ticket.ticket_id, `${ticket.class_word} ${ticket.intent_word}`]));
    by("count").textContent = now.waiting;
    show(by("nobody"), now.tickets.length === 0);
    show(by("no-agents"), now.agents.length === 0);
    const cries = now.sos.length + now.sos_written.length;
    show(by("sos"), cries > 0);
    by("sos").textContent = `${by("sos").dataset.waiting} ×${cries}`;
    const alarming = now.sos_cases.filter((each) => each.alarming);
    show(by("sos-alarm"), alarming.length > 0);
    by("sos-alarm").querySelector("span").textContent = alarming.map((each) => each.case_id).join(", ");
    by("cases").textContent = now.cases;
    if (by("case-list").dataset.version !== now.cases_version) refreshCases();
    tick();
  },
});
