package dev.evolute.app.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over bytes, as lower-case hex. */
final class Sha256 {
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

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must provide SHA-256", e);
    }
  }
}
