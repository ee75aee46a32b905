// The sound of a call: microphone and loudspeaker, which may be pulled out in the middle of it, levels, and what is said of them.
import { Devices } from "./devices.js";
import { show } from "./live.js";
import { Levels } from "./levels.js";

export class TalkSound {
  #part;
  #words;
  #ringer;
  #session = null;
  #swapping = null;
  #microphones;

  // part(name) finds a part of the pane. microphones(any) hears, whenever something was plugged in or pulled out, whether
  // there is a microphone at all.
  constructor(part, ringer, microphones) {
    Object.assign(this, { levels: new Levels({ mine: part("mine"), theirs: part("theirs") }, (yes) => this.#silent(yes)) });
    this.#part = part;
    this.#ringer = ringer;
    this.#microphones = microphones;
    this.#words = JSON.parse(part("devices").dataset.words);
    this.devices = new Devices(part("devices"), this.#words, (...change) => this.#changed(...change));
    this.#use();
  }

  // Each device and volume as it should be.
  #use() {
    const sound = this.#part("sound"), speaker = this.devices.used("speaker");
    sound.volume = this.devices.volume("talk");
    if ((sound.sinkId ?? "") !== speaker) sound.setSinkId?.(speaker).catch(() => this.say(this.#words.no_speaker));
    this.#ringer.use(this.devices.used("ringer"), this.devices.volume("ring"));
  }

  say(words) {
    this.#part("device_word").textContent = words;
  }

  #silent(yes) {
    const line = this.#part("silent_word"), said = yes ? this.#words.silent : "";
    if (line.textContent !== said) line.textContent = said;
  }

  #changed(name, gone, came) {
    this.#use();
    const now = this.devices.anyMicrophone || name !== "microphone" ? this.devices.label(name) : this.#words.nothing;
    if (gone && name !== "ringer") this.say(this.#words.gone.replace("{gone}", gone).replace("{now}", now));
    else if (came) this.say(this.#words.came.replace("{came}", came));
    else if (name === "microphone" || name === "speaker") this.say("");
    if (name !== "microphone") return;
    if (this.#session) this.#newMicrophone(); else this.#microphones(this.devices.anyMicrophone);
  }

  // A call's sound begins: from now on its microphone is watched.
  attach(session, theirs) {
    this.#session = session;
    this.say("");
    show(this.#part("levels"), true);
    this.levels.start(() => session.connection, () => Boolean(session.isMuted().audio), theirs);
    this.#watch(this.#sender()?.track);
  }

  detach() {
    this.#sender()?.track?.stop(); // It may be another than the call began with.
    this.#session = null;
    this.levels.stop();
    show(this.#part("levels"), false);
    this.#microphones(this.devices.anyMicrophone);
  }

  #sender() {
    return this.#session?.connection?.getSenders().find(({ track }) => track?.kind === "audio");
  }

  #watch(track) {
    track?.addEventListener("ended", async () => {
      if (this.#sender()?.track !== track) return;
      await this.devices.refresh();
      await this.#swapping;
      if (this.#sender()?.track === track) await this.#newMicrophone();
    });
  }

  #newMicrophone() {
    this.#swapping ??= this.#swap().finally(() => { this.#swapping = null; });
    return this.#swapping;
  }

  // In the middle of a talk: whoever was muted stays so.
  async #swap() {
    const sender = this.#sender();
    if (!sender) return;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: this.devices.constraints });
    } catch {
      this.say(this.#words.deaf); // None is left; when one is plugged in it is taken.
      return;
    }
    const [track] = stream.getAudioTracks(), before = sender.track;
    track.enabled = before.enabled;
    await sender.replaceTrack(track);
    before.stop();
    this.#watch(track);
  }
}
