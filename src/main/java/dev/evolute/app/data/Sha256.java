package dev.evolute.app.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over bytes, as lower-case hex. */
public final class Sha256 {
  private static final long CHUNK = 1 << 20;

  private Sha256() {}

  static String hex(byte[]... parts) {
    MessageDigest digest = digest();
    for (byte[] part : parts) {
      digest.update(part);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of memory that may be larger than an array. */
  static String hex(MemorySegment... parts) {
    MessageDigest digest = digest();
    for (MemorySegment part : parts) {
      for (long at = 0; at < part.byteSize(); at += CHUNK) {
        long size = Math.min(CHUNK, part.byteSize() - at);
        digest.update(part.asSlice(at, size).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of a file. */
  public static String hex(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      return hex(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }

  /** An empty one, for bytes that come piece by piece. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must provide SHA-256", e);
    }
  }
}
