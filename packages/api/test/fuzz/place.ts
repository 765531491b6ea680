import type { Document } from '../../src/reference/complete.ts';
import { Person } from '../person.ts';
import { type TestApp, testApp } from '../test-app.ts';
import type { FuzzAnswer } from './judge.ts';
import type { FuzzRequest } from './requests.ts';

/** Allows many requests, and shows what is rejected. */
const SETTINGS = { RATE_LIMIT: '1000000', RATE_LIMIT_IP: '1000000', TRUSTED_MODE: 'true' };

const NAMES = ['ann', 'ben', 'cid'] as const;
export const USERS: number = NAMES.length;

const KINDS = {
  agents: 'conn',
  friends: 'frnd',
  groups: 'grp',
  policies: 'pol',
  messages: 'msg',
  deliveries: 'dlv',
};

/** A registry with a few people who have a bit of everything, and what the fuzzer knows of it. */
export class Place implements AsyncDisposable {
  readonly #here: TestApp;
  readonly #people: Person[] = [];
  /** Ids that were seen, by their prefix. */
  readonly #ids = new Map<string, string[]>();

  /** The cause of the last error. */
  fault: unknown;

  private constructor(here: TestApp) {
    this.#here = here;
    here.app.addHook('onError', (_request, _reply, error, done) => {
      this.fault = error;
      done();
    });
  }

  static async open(): Promise<Place> {
    const place = new Place(await testApp(() => ({}), SETTINGS));
    for (const name of NAMES) place.#people.push(await Person.register(place.#here.app, name));
    await place.#furnish();
    return place;
  }

  get document(): Document {
    return JSON.parse(JSON.stringify(this.#here.app.swagger())) as Document;
  }

  async #furnish(): Promise<void> {
    const [ann, ben, cid] = this.#people;
    if (ann === undefined || ben === undefined || cid === undefined) return;
    for (const person of this.#people) this.#note(await person.connectPolling());
    this.#note(await ann.befriend(ben));
    const { group_id } = await ann.ok('POST', '/groups', { name: 'club', invite_only: false });
    this.#note(group_id);
    await ben.ok('POST', `/groups/${group_id}/join`);
    this.#note(JSON.stringify((await ann.send(ben, 'hello')).json));
    this.#note(JSON.stringify(await cid.ok('POST', '/friends/request', { username: 'ann' })));
  }

  /** Remembers the ids in a text. */
  #note(text: string): void {
    for (const [id, prefix = ''] of text.matchAll(/\b([a-z]{2,8})_[0-9a-z]{18,26}\b/g)) {
      const ids = this.#ids.get(prefix) ?? [];
      if (!ids.includes(id)) this.#ids.set(prefix, [...ids.slice(-20), id]);
    }
  }

  /** A value for a field, mostly of something that exists. */
  known(field: string, choice: number): string | undefined {
    const kind = Object.entries(KINDS).find(([segment]) => field.startsWith(`/api/v1/${segment}/`));
    if (kind !== undefined) return this.#pick(kind[1], choice);
    if (/user(name)?$/.test(field)) return NAMES[choice % NAMES.length];
    if (field === 'recipient')
      return choice % 3 === 0 ? this.#pick('grp', choice) : NAMES[choice % NAMES.length];
    if (field === 'target_id')
      return choice % 2 === 0 ? this.#pick('grp', choice) : NAMES[choice % NAMES.length];
    const prefixes: Readonly<Record<string, string>> = {
      connection_id: 'conn',
      group_id: 'grp',
      in_response_to: 'msg',
      delivery_ids: 'dlv',
      resolution_id: 'res',
    };
    const prefix = Object.entries(prefixes).find(([name]) => field.endsWith(name))?.[1];
    return prefix && this.#pick(prefix, choice);
  }

  #pick(prefix: string, choice: number): string | undefined {
    const ids = this.#ids.get(prefix) ?? [];
    return ids[choice % Math.max(1, ids.length)];
  }

  /** Sends a request. @returns the answer, and how it contradicts the document. */
  async send(request: FuzzRequest): Promise<FuzzAnswer & { undocumented: string | undefined }> {
    const { method, path, query, headers, body, raw, user } = request;
    const search = new URLSearchParams(query).toString();
    const person = this.#people[user];
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await this.#here.app.inject({
      method: method as 'GET',
      url: search === '' ? path : `${path}?${search}`,
      headers: {
        ...headers,
        ...(person && { authorization: person.authorization }),
        ...(payload !== undefined && { 'content-type': 'application/json' }),
      },
      ...(payload !== undefined && { payload }),
    });
    this.#note(answer.body);
    const [undocumented] = this.#here.undocumented.values();
    this.#here.undocumented.clear();
    // A user who deleted the account or lost the key returns under another name.
    if (answer.statusCode === 401 && person !== undefined) await this.#replace(user);
    return { status: answer.statusCode, body: answer.body, undocumented };
  }

  async #replace(user: number): Promise<void> {
    const newcomer = await Person.register(this.#here.app, `new-${this.#people.length}-${this.#replaced}`);
    this.#replaced += 1;
    this.#people[user] = newcomer;
    this.#note(await newcomer.connectPolling());
  }

  #replaced = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#here[Symbol.asyncDispose]();
  }
}
