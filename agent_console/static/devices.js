// Which microphone, loudspeaker and ringing device the telephone uses, and how loud: as the agent chose, in this browser.
const KEPT = "elderline-devices";
const KINDS = { microphone: "audioinput", speaker: "audiooutput", ringer: "audiooutput" };
const LOUD = { talk: 100, ring: 100 }; // Percent, until something else is chosen.
const PSEUDO = ["", "default", "communications"]; // Names of whatever the system takes for its own; ours is "".

export class Devices {
  #pane;
  #words;
  #kept = { microphone: null, speaker: null, ringer: null, volume: { ...LOUD } }; // Devices as { id, label }; null: the default.
  #there = []; // What is plugged in now.
  #changed;
  #known = false; // Whether there was a list before, with which a new one can be compared.

  // changed(name, gone, came) hears which of "microphone", "speaker", "ringer", "talk" or "ring" is another now: by choice,
  // or because `gone` (a label) was pulled out, or because `came`, which was chosen once, is back.
  constructor(pane, words, changed) {
    this.#pane = pane;
    this.#words = words;
    this.#changed = changed;
    try {
      Object.assign(this.#kept, JSON.parse(localStorage.getItem(KEPT)) ?? {});
    } catch {
      localStorage.removeItem(KEPT);
    }
    pane.addEventListener("change", ({ target }) => this.#chosen(target));
    pane.addEventListener("input", ({ target }) => { if (target.dataset.volume) this.#loud(target); });
    for (const slider of pane.querySelectorAll("[data-volume]")) slider.value = this.#kept.volume[slider.dataset.volume];
    navigator.mediaDevices?.addEventListener("devicechange", () => this.refresh());
  }

  // The device in use: the chosen one if it is plugged in, else "", whatever the system takes.
  used(name) {
    const chosen = this.#kept[name];
    return chosen && this.#there.some(({ kind, deviceId }) => kind === KINDS[name] && deviceId === chosen.id) ? chosen.id : "";
  }

  // Between 0 and 1: of a talk or of the ringing.
  volume(which) {
    return this.#kept.volume[which] / 100;
  }

  // What to ask the browser for.
  get constraints() {
    const id = this.used("microphone");
    return id ? { deviceId: { exact: id } } : true;
  }

  get anyMicrophone() {
    return this.#there.some(({ kind }) => kind === "audioinput");
  }

  // What the microphone or loudspeaker in use is called.
  label(name) {
    const id = this.used(name);
    return this.#there.find(({ kind, deviceId }) => kind === KINDS[name] && deviceId === id)?.label || this.#words.default;
  }

  // Looks what is plugged in.
  async refresh() {
    const before = Object.fromEntries(Object.keys(KINDS).map((name) => [name, this.used(name)]));
    const had = this.#there, known = this.#known;
    this.#there = await navigator.mediaDevices.enumerateDevices();
    this.#known = this.#there.some(({ label }) => label); // Names are told to whom the microphone is allowed.
    for (const select of this.#pane.querySelectorAll("[data-device]")) this.#fill(select);
    for (const name of Object.keys(KINDS)) {
      const now = this.used(name);
      if (now === before[name] && !(known && this.#lost(name, had))) continue;
      this.#changed(name, known && !now ? this.#kept[name]?.label || this.#words.default : "", known && now ? this.label(name) : "");
    }
  }

  // The system's own microphone is another when any was pulled out: what was heard through it may be gone.
  #lost(name, had) {
    const there = (list) => list.filter(({ kind }) => kind === KINDS[name]).length;
    return name === "microphone" && !this.used(name) && there(this.#there) < there(had);
  }

  #fill(select) {
    const name = select.dataset.device, chosen = this.#kept[name];
    const found = this.#there.filter(({ kind, deviceId }) => kind === KINDS[name] && !PSEUDO.includes(deviceId));
    const options = [new Option(this.#words.default, ""), ...found.map(({ label, deviceId }) => new Option(label, deviceId))];
    if (chosen && !this.used(name)) options.push(new Option(`${chosen.label} (${this.#words.unplugged})`, chosen.id));
    select.replaceChildren(...options);
    select.value = chosen?.id ?? "";
  }

  #chosen({ dataset, value, selectedOptions }) {
    if (!dataset.device) return;
    this.#kept[dataset.device] = value ? { id: value, label: selectedOptions[0].text } : null;
    this.#keep();
    this.#changed(dataset.device, "", "");
  }

  #loud({ dataset, value }) {
    this.#kept.volume[dataset.volume] = Number(value);
    this.#keep();
    this.#changed(dataset.volume, "", "");
  }

  #keep() {
    localStorage.setItem(KEPT, JSON.stringify(this.#kept));
  }
}
