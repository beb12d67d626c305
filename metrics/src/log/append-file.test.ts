import { renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { AppendFile, FileChangedError, setAside, SYSTEM_DISK, type Disk } from "./append-file.js";

const folder = freshFolder();
const NOON = new Date("2026-01-31T12:00:00.000Z");

/** The system's disk with some calls replaced. */
function diskWith(calls: Partial<Disk>): Disk {
  return { ...SYSTEM_DISK, ...calls };
}

describe("appending", () => {
  test("adds to what is there", () => {
    folder.write("a.csv", "one\n");
    const file = AppendFile.open(folder.at("a.csv"), SYSTEM_DISK);
    expect(file.length).toBe(4);
    file.append(Buffer.from("two\n"));
    file.sync();
    expect(file.length).toBe(8);
    expect(folder.read("a.csv")).toBe("one\ntwo\n");
    expect(file.read(4, 100).toString()).toBe("two\n");
    file.close();
  });

  test("creates a missing file", () => {
    const file = AppendFile.open(folder.at("new.csv"), SYSTEM_DISK);
    expect(file.length).toBe(0);
    expect(folder.names()).toEqual(["new.csv"]);
    file.close();
  });

  test("goes on after short writes", () => {
    const file = AppendFile.open(
      folder.at("a.csv"),
      diskWith({ write: (fd, bytes, start) => SYSTEM_DISK.write(fd, bytes.subarray(0, start + 3), start) }),
    );
    file.append(Buffer.from("0123456789"));
    expect(folder.read("a.csv")).toBe("0123456789");
    expect(file.length).toBe(10);
    file.close();
  });

  test("throws on a full disk, and leaves no partial write", () => {
    folder.write("a.csv", "one\n");
    let room = 5;
    const disk = diskWith({
      write(fd, bytes, start) {
        if (room === 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
        const written = SYSTEM_DISK.write(fd, bytes.subarray(0, start + room), start);
        room -= written;
        return written;
      },
    });
    const file = AppendFile.open(folder.at("a.csv"), disk);
    expect(() => file.append(Buffer.from("two and three\n"))).toThrow("ENOSPC");
    expect(folder.read("a.csv")).toBe("one\n");
    expect(file.length).toBe(4);
    file.close();
  });

  test("throws if a sync fails", () => {
    const sync = () => {
      throw new Error("EIO: i/o error, fdatasync");
    };
    const file = AppendFile.open(folder.at("a.csv"), diskWith({ sync }));
    file.append(Buffer.from("one\n"));
    expect(() => file.sync()).toThrow("EIO");
    file.close();
  });
});

describe("a file that was changed from outside", () => {
  test("is noticed if it was deleted, replaced, lengthened or shortened", () => {
    const path = folder.write("a.csv", "one\n");
    const file = AppendFile.open(path, SYSTEM_DISK);
    file.assertUntouched();
    file.append(Buffer.from("two\n"));
    file.assertUntouched();

    writeFileSync(path, "x", { flag: "a" });
    expect(() => file.assertUntouched()).toThrow(/a\.csv changed from 8 to 9 bytes/);
    truncateSync(path, 7);
    expect(() => file.assertUntouched()).toThrow(/a\.csv changed from 8 to 7 bytes/);
    renameSync(path, folder.at("b.csv"));
    expect(() => file.assertUntouched()).toThrow(/a\.csv was deleted/);
    folder.write("a.csv", "one\ntwo\n");
    expect(() => file.assertUntouched()).toThrow(/a\.csv was replaced/);
    expect(() => file.assertUntouched()).toThrow(FileChangedError);
    file.close();
  });
});

describe("cutting", () => {
  test("keeps the bytes that are cut off", () => {
    const file = AppendFile.open(folder.write("log.csv", "one\ntwo\nthr"), SYSTEM_DISK);
    expect(file.cutTo(4, NOON)).toBe(folder.at("log.cut-20260131T120000.csv"));
    expect(file.length).toBe(4);
    expect(folder.read("log.csv")).toBe("one\n");
    expect(folder.read("log.cut-20260131T120000.csv")).toBe("two\nthr");
    file.append(Buffer.from("2\n"));
    expect(folder.read("log.csv")).toBe("one\n2\n");
    file.close();
  });

  test("overwrites no evidence of the same second", () => {
    const file = AppendFile.open(folder.write("log.csv", "123"), SYSTEM_DISK);
    for (const length of [2, 1, 0]) file.cutTo(length, NOON);
    expect(folder.names(/cut/)).toEqual(["log.cut-20260131T120000-2.csv", "log.cut-20260131T120000-3.csv", "log.cut-20260131T120000.csv"]);
    expect(folder.read("log.cut-20260131T120000-3.csv")).toBe("1");
    file.close();
  });

  test("keeps evidence of any size whole", () => {
    const bytes = Buffer.alloc(3_000_001, "0123456789");
    const file = AppendFile.open(folder.write("log.csv", bytes), SYSTEM_DISK);
    file.cutTo(1, NOON);
    expect(folder.read("log.cut-20260131T120000.csv")).toBe(bytes.toString().slice(1));
    file.close();
  });

  test("changes nothing if the evidence cannot be kept", () => {
    const file = AppendFile.open(folder.write("log.csv", "one\ntwo\n"), SYSTEM_DISK);
    // The file was cut meanwhile: the bytes to keep are gone.
    truncateSync(folder.at("log.csv"), 5);
    expect(() => file.cutTo(4, NOON)).toThrow(FileChangedError);
    expect(folder.names()).toEqual(["log.csv"]);
    expect(folder.read("log.csv")).toBe("one\nt");
    file.close();
  });
});

test("each file that is set aside gets an unused name", () => {
  folder.write("log.csv", "1");
  expect(setAside(folder.at("log.csv"), NOON)).toBe(folder.at("log.set-aside-20260131T120000.csv"));
  folder.write("log.csv", "2");
  expect(setAside(folder.at("log.csv"), NOON)).toBe(folder.at("log.set-aside-20260131T120000-2.csv"));
  expect(folder.names()).toEqual(["log.set-aside-20260131T120000-2.csv", "log.set-aside-20260131T120000.csv"]);
  rmSync(folder.at("log.set-aside-20260131T120000.csv"));
});
