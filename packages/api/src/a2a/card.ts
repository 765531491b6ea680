import { AgentCard } from '@a2a-js/sdk';
import { VERSION } from '@mahilo/shared/version';
import type { CalledAgent } from './agent.ts';

/** The version of A2A that is spoken here. */
export const PROTOCOL_VERSION = '1.0';
/** What a message may consist of, and an answer does. */
export const MODES = ['text/plain', 'application/json'];

const KEY = 'key';

/** What can be asked of an agent that names no capabilities. */
const ANY = { id: 'message', name: 'Message', description: 'Takes messages, and may answer them.' };

/** How an A2A client calls an agent, in the form of the protocol (A2A 1.0 §4.4). @param origin of this registry. */
export function cardOf(agent: CalledAgent, origin: string): unknown {
  const { friend, id, framework, label, description } = agent;
  const security = { schemes: { [KEY]: { list: [] } } };
  return AgentCard.toJSON({
    name: label,
    description: description ?? `An agent of ${friend.username}, made with ${framework}.`,
    supportedInterfaces: [
      {
        url: `${origin}/a2a/${friend.username}/${id}`,
        protocolBinding: 'JSONRPC',
        protocolVersion: PROTOCOL_VERSION,
        tenant: '',
      },
    ],
    provider: { organization: friend.username, url: origin },
    version: VERSION,
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: false, extensions: [] },
    securitySchemes: {
      [KEY]: {
        scheme: {
          $case: 'httpAuthSecurityScheme',
          value: { scheme: 'Bearer', bearerFormat: 'mhl_', description: 'An API key of this registry.' },
        },
      },
    },
    securityRequirements: [security],
    defaultInputModes: MODES,
    defaultOutputModes: MODES,
    skills: skillsOf(agent),
    signatures: [],
  });
}

function skillsOf({ capabilities_json }: CalledAgent) {
  const capabilities: string[] = JSON.parse(capabilities_json);
  const named = capabilities.map((name) => ({ id: name, name, description: name, tags: [name] }));
  const skills = named.length > 0 ? named : [{ ...ANY, tags: [ANY.id] }];
  return skills.map((skill) => ({
    ...skill,
    examples: [],
    inputModes: [],
    outputModes: [],
    securityRequirements: [],
  }));
}
