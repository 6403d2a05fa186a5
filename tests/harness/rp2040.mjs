// Runs an RP2040's flash image in rp2040js, from its second boot stage on, with UART0 on a TCP port.
// node rp2040.mjs IMAGE PORT; RP2040JS names the module. The boot ROM is not free to ship: what it does with a flash that
// has a sound second stage (RP2040 Datasheet, 2.8.1) is done here: the checksum, the copy to RAM, the call.
import fs from "node:fs";
import net from "node:net";

const { RP2040, ConsoleLogger, LogLevel } = await import(process.env.RP2040JS || "rp2040js");
const [image, port] = process.argv.slice(2);
const STAGE_2 = 0x20041f00, AIRCR = 0xd0c, RESET = 0x05fa0004;
// A received byte in so many instructions: 115,200 baud is one in some 10,000; this is faster, and still no flood.
const BYTE_INSTRUCTIONS = 400;

const flash = fs.readFileSync(image);
const chip = new RP2040();
chip.logger = new ConsoleLogger(LogLevel.Error, true);
chip.flash.set(flash, 0);

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

function boot() {
  if (crc32(flash.subarray(0, 252)) !== flash.readUInt32LE(252)) {
    console.error("the second stage has another checksum: the boot ROM would wait for USB");
    process.exit(3);
  }
  chip.sram.set(flash.subarray(0, 256), STAGE_2 - 0x20000000);
  Object.assign(chip.core, {
    VTOR: 0, SP: 0x20042000, LR: 0, PC: STAGE_2, PM: false, IPSR: 0, currentMode: 0, waiting: false,
    enabledInterrupts: 0, pendingInterrupts: 0,
  });
}

let resetAsked = false;
const write = chip.ppb.writeUint32.bind(chip.ppb);
chip.ppb.writeUint32 = (offset, value) => {
  if (offset === AIRCR && value >>> 0 === RESET) resetAsked = true;
  else write(offset, value);
};

const received = [], sent = [], uart = chip.uart[0];
let socket = null;
uart.onByte = (byte) => sent.push(byte);
net.createServer((peer) => {
  socket = peer;
  peer.setNoDelay(true);
  peer.on("data", (data) => received.push(...data));
  peer.on("close", () => process.exit(0));
  peer.on("error", () => process.exit(0));
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));

let instructions = 0, next = 0;
function slice() {
  for (let i = 0; i < 20000; i++) {
    if (received.length && uart.enabled && uart.rxFIFO.itemCount < 16 && instructions >= next) {
      uart.feedByte(received.shift());
      next = instructions + BYTE_INSTRUCTIONS;
    }
    if (chip.core.waiting) {
      chip.clock.tick(1000);
      instructions += 100;
    } else {
      chip.clock.tick(chip.core.executeInstruction() * 8);
      instructions++;
    }
    if (resetAsked) {
      resetAsked = false;
      boot();
    }
  }
  if (sent.length && socket) socket.write(Buffer.from(sent.splice(0)));
  setImmediate(slice);
}
boot();
slice();
