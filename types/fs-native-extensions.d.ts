// The one function used of fs-native-extensions, which comes without types.

/** Takes an exclusive lock on an open file; false where another process has it. The lock ends when the file is closed. */
export function tryLock(fd: number): boolean;
