import http from 'node:http';
import { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';

const ANSWER = 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n';

/** An agent whose connections lead nowhere: what is written to them is answered from memory. */
export class AnsweringAgent extends http.Agent {
  override createConnection(): Duplex {
    let isAnswered = false;
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        if (!isAnswered) socket.push(ANSWER);
        isAnswered = true;
        done();
      },
    });
    return socket;
  }
}

/** Reads the authorities that TLS trusts, which the first connection would else wait for. */
export function readAuthorities(): void {
  createSecureContext();
}
