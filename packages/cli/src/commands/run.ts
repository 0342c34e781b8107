import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { openRegistry } from '../open-registry.js';
import { addCommonOptions, type CommonOptions, integerBetween, nonNegativeInteger } from '../options.js';
import type { Session } from '../session.js';

interface RunOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly jobs: number;
  readonly open?: boolean;
  readonly requireKeys?: boolean;
  readonly rateLimit?: number;
  readonly bodyLimit: number;
  readonly queue: number;
  readonly timeout: number;
  readonly watch: number;
  readonly drain: number;
  readonly trustProxy?: number | readonly string[];
  readonly allowOrigin?: readonly string[];
}

/** Requests a minute and address where everybody may ask. */
const OPEN_RATE_LIMIT = 600;
/** In seconds; a timer of Node.js that is set to more than 24 of them ends at once. */
const DAY = 86_400;
/** A body becomes one text, and a text of V8 has less than 512 MiB. */
const MOST_BODY_MIB = 500;

export function addRun(program: Command, session: Session): void {
  const command = program
    .command('run')
    .description("serve projects over HTTP: Annif's REST API and more")
    .option('--host <address>', 'the address to listen at; 0.0.0.0 for all', '127.0.0.1')
    .addOption(new Option('--port <number>', 'the port to listen at').argParser(port).default(5000))
    .addOption(
      new Option('-j, --jobs <n>', 'threads that suggest, at most, 0 = one for each processor, at least 2')
        .argParser(nonNegativeInteger)
        .default(0),
    )
    .option('--open', 'at an address that others can reach: let everybody ask for suggestions without a key')
    .option('--require-keys', 'ask for keys also at an address of this machine')
    .addOption(
      new Option(
        '--rate-limit <n>',
        `requests a minute for each key, or address; 0 = any number (default: 0, with --open ${OPEN_RATE_LIMIT})`,
      ).argParser(nonNegativeInteger),
    )
    .addOption(
      new Option('--body-limit <MiB>', 'largest request body').argParser(integerBetween(1, MOST_BODY_MIB)).default(20),
    )
    .addOption(
      new Option('--queue <n>', 'documents that may wait for a thread; more are refused')
        .argParser(nonNegativeInteger)
        .default(1024),
    )
    .addOption(
      new Option('--timeout <seconds>', 'for the work on a few documents')
        .argParser(integerBetween(1, DAY))
        .default(60),
    )
    .addOption(
      new Option('--watch <seconds>', 'how often to look for new models and vocabularies; 0 = only on SIGHUP')
        .argParser(integerBetween(0, DAY))
        .default(2),
    )
    .addOption(
      new Option('--drain <seconds>', 'how long to go on serving when told to stop, while /health/ready says no')
        .argParser(integerBetween(0, 3600))
        .default(1),
    )
    .addOption(
      new Option(
        '--trust-proxy [proxies]',
        'behind a reverse proxy: take the address of a client from X-Forwarded-For; of several proxies their number, or their addresses',
      )
        .argParser(proxies)
        .preset('1'),
    )
    .addOption(
      new Option(
        '--allow-origin <origin>',
        'origin of pages that may change something without a key (repeatable)',
      ).argParser((origin: string, before: readonly string[] = []) => [...before, origin]),
    );
  addCommonOptions(command, { hasResult: false }).action(async (options: RunOptions) => {
    const { keepHeapsSmall } = await import('@catchword/math');
    keepHeapsSmall();
    const { OperationError } = await import('@catchword/core');
    const { readEnvironment } = await import('@catchword/project');
    const { availableParallelism } = await import('node:os');
    const { createServer } = await import('@catchword/server');
    const access = accessOf(options);
    if (access === undefined) {
      throw new OperationError(
        'usage-invalid',
        isLoopback(options.host)
          ? 'Behind a proxy (--trust-proxy) the server is one that others can reach: say who may ask'
          : `${options.host} is an address that others can reach: say who may ask`,
        {
          hint: 'Make keys with catchword create-key NAME and add --require-keys, or add --open to let everybody ask for suggestions.',
        },
      );
    }
    const onWarning = (message: string) => logWarning(message, options);
    process.removeAllListeners('warning').on('warning', ({ name, message }) => onWarning(`${name}: ${message}`));
    const registry = await openRegistry(options, session, { shareModels: true, onWarning });
    const { projectsInit } = readEnvironment(session.env);
    const server = await createServer(registry, {
      threads: options.jobs > 0 ? options.jobs : Math.max(2, availableParallelism()),
      maxWaiting: options.queue,
      bodyLimit: options.bodyLimit << 20,
      suggestTimeoutMs: options.timeout * 1000,
      watchIntervalMs: options.watch * 1000,
      rateLimit: options.rateLimit ?? (options.open ? OPEN_RATE_LIMIT : 0),
      access,
      trustProxy: options.trustProxy ?? 0,
      allowedOrigins: options.allowOrigin ?? [],
      ...(projectsInit ? { preload: projectsInit } : undefined),
      log: { write: (line) => process.stderr.write(line) },
      logLevel: LEVELS[options.verbosity],
    });
    await serveUntilStopped(server, options, session);
  });
}

/** @returns what may be done without a key; undefined where that has to be said */
function accessOf({ host, open, requireKeys, trustProxy }: RunOptions) {
  if (requireKeys) return 'nothing';
  if (open) return 'suggest';
  return isLoopback(host) && trustProxy === undefined ? 'everything' : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** In the form of the server's lines, among which it stands: whoever reads standard error reads JSON. */
function logWarning(msg: string, { verbosity }: RunOptions): void {
  if (LEVELS[verbosity] === 'error') return;
  process.stderr.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg })}\n`);
}

const LEVELS = { CRITICAL: 'error', ERROR: 'error', WARNING: 'warn', INFO: 'info', DEBUG: 'debug' } as const;

/** What a supervisor waits for before it kills; requests under way have this long to end. */
const SHUTDOWN_MS = 10_000;

async function serveUntilStopped(
  server: import('@catchword/server').CatchwordServer,
  options: RunOptions,
  { messages }: Session,
): Promise<void> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let nSignals = 0;
  const onSignal = () => {
    if (++nSignals > 1) process.exit(1); // whoever asks twice does not want to wait
    stop();
  };
  const onHangUp = () => void server.refresh();
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onHangUp);
  try {
    const address = await listen(server, options);
    if (messages.isTerminal)
      messages.info(`Catchword serves at ${address}/v1/ (page: ${address}/v1/ui/); Ctrl-C stops it`);
    await stopped;
    const drainMs = options.drain * 1000;
    const timer = setTimeout(() => process.exit(1), SHUTDOWN_MS + drainMs).unref();
    await server.close(drainMs);
    clearTimeout(timer);
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangUp);
  }
}

async function listen(server: import('@catchword/server').CatchwordServer, { host, port }: RunOptions) {
  try {
    return await server.listen(host, port);
  } catch (cause) {
    await server.close();
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    const { OperationError } = await import('@catchword/core');
    const why = code === 'EADDRINUSE' ? 'another program listens there' : message;
    throw new OperationError('operation-failed', `Cannot listen at ${host}, port ${port}: ${why}`, {
      hint: 'Choose another port with --port.',
      cause,
    });
  }
}

/** A number of proxies, or what their addresses are. */
function proxies(text: string): number | readonly string[] {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  const all = text.split(',').map((each) => each.trim());
  if (all.every(isAddressRange)) return all;
  throw new InvalidArgumentError(
    `'${text}' is neither a number of proxies nor their addresses, as 10.0.0.0/8,loopback.`,
  );
}

const NAMED_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (NAMED_RANGES.has(text)) return true;
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number;
  return rest.length === 0 && most > 0 && (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most));
}

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 65_535) return value;
  throw new InvalidArgumentError(`'${text}' is not a port: 0 to 65535.`);
}
