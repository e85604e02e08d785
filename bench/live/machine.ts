import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from './free-port.ts';

/** A machine of QEMU, its serial line in our hands. */
export class Machine {
  readonly port: number;
  readonly #child: ChildProcess;
  #text = '';
  #seen = 0;
  #onText: () => void = () => undefined;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.stdout?.setEncoding('latin1').on('data', (piece: string) => {
      this.#text += piece.replaceAll('\r', '');
      this.#onText();
    });
    child.on('exit', () => {
      this.#onText();
    });
  }

  /** Starts it; the kernel boots at once. Its memory lies in the file `memory`, for all to see. */
  static async boot(kernel: string, initrd: string, cpu: string, memory: string): Promise<Machine> {
    const port = await freePort();
    const args = [
      ...[
        '-M',
        'virt,virtualization=on,gic-version=3,memory-backend=ram',
        '-object',
        `memory-backend-file,id=ram,size=512M,share=on,mem-path=${memory}`,
        '-cpu',
        cpu,
        '-smp',
        '1',
        '-m',
        '512M',
        '-no-reboot',
      ],
      ...['-kernel', kernel, '-initrd', initrd, '-nic', 'none', '-display', 'none', '-monitor', 'none'],
      ...['-append', 'kvm-arm.mode=protected console=ttyAMA0 nokaslr panic=-1'],
      ...['-serial', 'stdio', '-gdb', `tcp:127.0.0.1:${port}`],
    ];
    return new Machine(spawn('qemu-system-aarch64', args, { stdio: ['pipe', 'pipe', 'ignore'] }), port);
  }

  /** All that it has printed. */
  get text(): string {
    return this.#text;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The next line `== WORD rest` that was printed and not seen yet, if there is one. */
  marker(): { readonly word: string; readonly rest: string } | undefined {
    const match = /^== (\w+) ?(.*)\n/m.exec(this.#text.slice(this.#seen));
    if (match === null) return undefined;
    this.#seen += match.index + match[0].length;
    return { word: match[1] ?? '', rest: (match[2] ?? '').trim() };
  }

  /** Told of every piece of text and of the end. */
  listen(onText: () => void): void {
    this.#onText = onText;
  }

  /** Waits for the next marker. @throws Error where none comes in time or the machine ends. */
  async nextMarker(timeoutMs: number): Promise<{ readonly word: string; readonly rest: string }> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const marker = this.marker();
      if (marker !== undefined) return marker;
      if (this.hasEnded)
        throw new Error(`the machine ended: ${this.#text.trim().split('\n').at(-1) ?? ''}`);
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`the machine says nothing for ${timeoutMs / 1000} s`);
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, Math.min(left, 1_000));
        this.#onText = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  answer(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
