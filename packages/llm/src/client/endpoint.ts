import { EndpointError } from './endpoint-error.js';

/** Where a model is, as a configuration says it; never the key itself. */
export interface EndpointSettings {
  /** Of an API in OpenAI's form, for example `http://localhost:11434/v1`. */
  readonly url: string;
  /** As the service calls it. */
  readonly model: string;
  /** The environment variable that holds the key; absent where there is none to send. */
  readonly keyEnv?: string | undefined;
  /** Of Azure: sent as `api-version`, and the key as `api-key`. */
  readonly apiVersion?: string | undefined;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
/** Where clouds hand out the secrets of a machine: no model is ever there. */
const LINK_LOCAL = /^(169\.254\.|\[fe[89ab][0-9a-f]:|\[fd00:ec2:|\[::ffff:a9fe:|metadata\.google\.internal$)/;

/** @returns what is wrong with the URL of an endpoint, or undefined */
export function endpointUrlProblem(text: string, hasKey = false): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return `${JSON.stringify(text)} is not a URL, such as http://localhost:11434/v1`;
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `an endpoint is asked by http or https, not ${url.protocol}`;
  if (url.username !== '' || url.password !== '')
    return 'the URL may not hold a name or password: name the variable of the key';
  if (url.search !== '' || url.hash !== '') return 'the URL may have no query and no fragment';
  if (LINK_LOCAL.test(url.hostname)) return `${url.hostname} is link-local: no model is asked there`;
  if (hasKey && url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return 'the key would cross the network in clear: use https';
  }
  return undefined;
}

/** A place that requests go to, with what they carry. */
export class Endpoint {
  readonly model: string;
  private readonly base: URL;
  private readonly apiVersion: string | undefined;
  private readonly key: string;

  /**
   * @param env where the key is looked up
   * @throws {EndpointError} `misconfigured` if the URL cannot be used, or the variable of the key is not set
   */
  constructor(settings: EndpointSettings, env: Readonly<Record<string, string | undefined>>) {
    const { url, model, keyEnv, apiVersion } = settings;
    const problem = endpointUrlProblem(url, keyEnv !== undefined);
    if (problem) throw new EndpointError('misconfigured', `Cannot ask a model: ${problem}`);
    const key = keyEnv === undefined ? '' : env[keyEnv]?.trim();
    if (key === undefined || (keyEnv !== undefined && key === '')) {
      throw new EndpointError(
        'misconfigured',
        `Cannot ask a model: the variable ${keyEnv} that should hold the key is not set`,
        {
          hint: `Set it where catchword is started: export ${keyEnv}=…`,
        },
      );
    }
    if (/[^\x21-\x7e]/.test(key)) {
      throw new EndpointError('misconfigured', `Cannot ask a model: the variable ${keyEnv} holds what cannot be a key`);
    }
    this.model = model;
    this.base = new URL(url.endsWith('/') ? url : `${url}/`);
    this.apiVersion = apiVersion;
    this.key = key;
  }

  /** The scheme, host and port; shown in messages. */
  get origin(): string {
    return this.base.origin;
  }

  get isAzure(): boolean {
    return this.apiVersion !== undefined;
  }

  /** Tells this endpoint and model from others; holds no secret. */
  get id(): string {
    return `${this.base.href} ${this.apiVersion ?? ''} ${this.model}`;
  }

  /** @param path below the base, for example `chat/completions` */
  url(path: string): URL {
    const url = new URL(path, this.base);
    if (this.apiVersion !== undefined) url.searchParams.set('api-version', this.apiVersion);
    return url;
  }

  /** @returns with the key, for this origin alone */
  headers(): Record<string, string> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
    if (this.key !== '') {
      if (this.apiVersion !== undefined) headers['api-key'] = this.key;
      else headers.authorization = `Bearer ${this.key}`;
    }
    return headers;
  }

  /** @returns a text of the service, fit to be shown: without the key, in one line */
  shown(text: string): string {
    const bare = this.key === '' ? text : text.replaceAll(this.key, '…');
    return bare
      .replace(/[\s\x00-\x1f\x7f-\x9f]+/g, ' ')
      .trim()
      .slice(0, 500);
  }
}
