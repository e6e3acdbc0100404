// An SMPP gateway for the tests. What it does with a message follows from the last digit of the number:
//
//   0 to 3  takes it; the handset has it
//   4       the same; the receipt comes twice
//   5       the same; the receipt comes before the answer
//   6       refuses the number
//   7       says three times that it is asked too fast, then takes it
//   8       takes it; the handset does not get it
//   9       takes it and never answers; the receipt comes later
//
// With `--hold` it takes every message and does not answer the first time. It knows its callers' ids (parameter 0x1400): the
// same id again is answered as before, and nothing is sent. Everything that it does it writes to its output, one JSON object
// a line; the line `receipts` on its input lets it send the receipts of what it has held.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [, , cache, ...options] = process.argv;
const smpp = createRequire(`${cache}/`)('smpp');
const hold = options.includes('--hold');
const LATE = 3000;

smpp.addTLV('caller_id', { id: 0x1400, type: smpp.types.tlv.string });

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const known = new Map();
const refusals = new Map();
const held = [];
const sessions = new Set();
let number = 0;

// The newest session gets receipts, whoever submitted the message.
function receipt(message, state) {
  const session = [...sessions].at(-1);
  if (!session) {
    setTimeout(() => receipt(message, state), 100);
    return;
  }
  const text = `id:${message.id} sub:001 dlvrd:001 submit date:2604011005 done date:2604011006 stat:${state} err:000 text:`;
  session.deliver_sm(
    {
      source_addr: message.to,
      esm_class: 4,
      short_message: text,
      receipted_message_id: message.id,
      caller_id: message.key,
    },
    (answer) => say({ receipt: message.key, state, status: answer.command_status }),
  );
}

function submit(session, pdu) {
  const key = pdu.caller_id;
  const to = pdu.destination_addr;
  const digit = hold ? 'hold' : to.at(-1);
  const answer = (fields) => session.send(pdu.response(fields));
  const before = known.get(key);
  say({ submitted: key, again: before !== undefined });
  if (before) {
    answer({ message_id: before.id });
    if (hold) receipt(before, 'DELIVRD');
    return;
  }
  if (digit === '6') {
    answer({ command_status: smpp.ESME_RINVDSTADR });
    return;
  }
  if (digit === '7' && (refusals.get(key) ?? 0) < 3) {
    refusals.set(key, (refusals.get(key) ?? 0) + 1);
    answer({ command_status: smpp.ESME_RTHROTTLED });
    return;
  }
  number += 1;
  const body = pdu.short_message;
  const message = { id: `smsc${number}`, key, to };
  known.set(key, message);
  say({
    sent: key,
    to,
    text: body.message,
    part: body.udh ? [...body.udh[0].subarray(-3)] : null,
    coding: pdu.data_coding,
    class: pdu.esm_class,
  });
  if (digit === 'hold') {
    held.push(message);
    return;
  }
  if (digit === '5') receipt(message, 'DELIVRD');
  if (digit !== '9') setTimeout(() => answer({ message_id: message.id }), digit === '5' ? 200 : 0);
  if (digit === '9') setTimeout(() => receipt(message, 'DELIVRD'), LATE);
  if (digit === '8') setTimeout(() => receipt(message, 'UNDELIV'), 50);
  if ('01234'.includes(digit) || digit === '7') setTimeout(() => receipt(message, 'DELIVRD'), Math.random() * 300);
  if (digit === '4') setTimeout(() => receipt(message, 'DELIVRD'), 400);
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    if (pdu.password !== 'secret') {
      session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
      session.close();
      return;
    }
    sessions.add(session);
    session.send(pdu.response({ system_id: 'smsc' }));
  });
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    say({ unbound: true });
    session.send(pdu.response());
    session.close();
  });
  session.on('close', () => sessions.delete(session));
  session.on('error', () => sessions.delete(session));
});
server.listen(0, '127.0.0.1', () => say({ listening: server.address().port }));

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line === 'receipts') held.splice(0).forEach((message) => receipt(message, 'DELIVRD'));
  })
  .on('close', () => process.exit(0));
