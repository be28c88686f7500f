/**
 * A chip process: waits for its parent, obeys it, and ends with it.
 *
 *   listening ── parent proved, setup ──▶ planned ── start ──▶ links, threads, loaded ──▶ running
 *       ▲ strangers are turned away          └──── the parent's link ends ──▶ ended
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { WaferError } from '@wafer/core';
import { LinkListener, SocketLink } from '@wafer/fabric/links';
import type { LinkHandlers, LinkRole, LinkEnd } from '@wafer/fabric/links';
import { enableRevectorization } from '@wafer/kernels';
import { CHIP_UNKNOWN, HOST_CHANNEL, linkIdentity, PARENT } from './protocol.ts';
import type { ToChip, ToParent } from './protocol.ts';
import type { ChipBody, ChipProgram, SetupOfChip } from './chip-body.ts';
import type { ChipOptions } from './chip-options.ts';
import { Refusals } from './refusals.ts';
import { ControlChannel } from './control-channel.ts';
import { WALL_CLOCK } from './link-clock.ts';

/** Serves one wafer, see `serveChip`, by the program of what it is for. */
export async function runChipProcess<Setup extends SetupOfChip>(
  options: ChipOptions,
  program: ChipProgram<Setup>,
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (options.revectorize) enableRevectorization();
  const chip = new ChipProcess(options, program);
  const abort = (): void => chip.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const listener = await LinkListener.open(options.listen, (socket, admit) =>
    chip.accept(socket, admit),
  );
  try {
    options.onListening(listener.address);
    await chip.ended;
  } finally {
    signal?.removeEventListener('abort', abort);
    await chip.stop();
    listener.close();
    chip.refusals.flush();
  }
}

class ChipProcess<Setup extends SetupOfChip> {
  readonly refusals: Refusals;
  readonly #options: ChipOptions;
  readonly #program: ChipProgram<Setup>;
  readonly #ended = Promise.withResolvers<void>();
  #parent: { link: SocketLink; control: ControlChannel<ToParent, ToChip<Setup>> } | undefined;
  #chip: ChipBody | undefined;
  #isEnding = false;

  constructor(options: ChipOptions, program: ChipProgram<Setup>) {
    this.#options = options;
    this.#program = program;
    this.refusals = new Refusals((error, count) => options.onRefused(error, count), WALL_CLOCK);
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  abort(reason: unknown): void {
    this.#ended.reject(reason);
  }

  /** Takes a connection; who it is shows when its link opens, and is no stranger from then on. */
  accept(socket: Socket, admit: () => void): void {
    let handlers: LinkHandlers | undefined;
    const link: SocketLink = new SocketLink(socket, {
      spec: this.#spec('listen', this.#chip?.chip ?? CHIP_UNKNOWN),
      clock: WALL_CLOCK,
      handlers: {
        channels: (peer) => {
          handlers = this.#handlersFor(peer, () => link);
          admit();
          return handlers.channels(peer);
        },
        onOpen: (peer) => handlers?.onOpen(peer),
        onMessage: (message, payload) => handlers?.onMessage(message, payload),
        onCredit: (channel) => handlers?.onCredit(channel),
        onRoom: () => handlers?.onRoom(),
        onEnd: (error) => {
          if (handlers !== undefined) handlers.onEnd(error);
          else if (error !== undefined && !this.#isEnding) this.refusals.note(error);
        },
      },
    });
  }

  /** Ends threads and links. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#chip?.stop();
  }

  #spec(role: LinkRole, chip: number): LinkEnd {
    const { secret, rounding, isAuthenticated = true } = this.#options;
    const name = chip === CHIP_UNKNOWN ? 'Wafer.Chip' : `Wafer.Chip[${chip}]`;
    return {
      name: `${name}.Link`,
      role,
      chip,
      identity: linkIdentity(rounding),
      secret,
      isAuthenticated,
      nonce: randomBytes(16),
    };
  }

  /** What a proved peer may do. Throws: LINK_FRAME. */
  #handlersFor(peer: number, link: () => SocketLink): LinkHandlers {
    const isParent = peer === PARENT;
    const isExpected = isParent
      ? this.#parent === undefined
      : (this.#chip?.links.isAwaited(peer) ?? false);
    if (!isExpected) {
      const chipReason = this.#chip ? 'that is not awaited' : 'before its own setup';
      const reason = isParent ? 'a second parent' : `chip ${peer} ${chipReason}`;
      throw new WaferError('LINK_FRAME', { link: 'Wafer.Chip.Link', reason });
    }
    return peer === PARENT ? this.#parentHandlers(link) : this.#chip!.links.handlers(link);
  }

  #parentHandlers(link: () => SocketLink): LinkHandlers {
    const out = { out: HOST_CHANNEL.toParent, in: HOST_CHANNEL.toChip };
    const control = new ControlChannel<ToParent, ToChip<Setup>>(link(), out);
    this.#parent = { link: link(), control };
    const flush = (): void => {
      control.flush();
      this.#chip?.flush();
    };
    return {
      channels: () => this.#program.channels,
      onOpen: () => undefined,
      onCredit: flush,
      onRoom: flush,
      onMessage: (message, payload) => {
        if (message.channel === HOST_CHANNEL.toChip) {
          const said = control.take(message, payload);
          if (said !== undefined) this.#obey(said).catch((error) => this.#fail(error));
        } else this.#chip?.take(message, payload);
      },
      onEnd: (error) => {
        if (error === undefined) this.#ended.resolve();
        else this.#ended.reject(error);
      },
    };
  }

  #say(message: ToParent): void {
    this.#parent?.control.say(message);
  }

  async #obey(said: ToChip<Setup>): Promise<void> {
    if (said.kind === 'ping') {
      this.#say({ kind: 'pong' });
    } else if (said.kind === 'start') {
      this.#say({ kind: 'loaded', shardErrors: await this.#chip!.start(said.peers) });
    } else if (said.kind === 'counters') {
      this.#say({ kind: 'counters', id: said.id, counters: this.#chip!.counters() });
    } else {
      const { rounding } = this.#options;
      this.#chip = await this.#program.plan(said, {
        rounding,
        link: this.#parent!.link,
        spec: (role) => this.#spec(role, said.chip),
        say: (message) => this.#say(message),
        onFailure: (error) => this.#fail(error),
      });
      this.#say({ kind: 'planned' });
    }
  }

  #fail(reason: unknown): void {
    if (this.#isEnding) return;
    const thread = 'io';
    const error =
      reason instanceof WaferError
        ? reason
        : new WaferError('TILE_CRASHED', { thread, tiles: 'none', reason: String(reason) });
    const { code, details } = error.toJSON();
    this.#say({ kind: 'failed', error: { code, details } });
  }
}
