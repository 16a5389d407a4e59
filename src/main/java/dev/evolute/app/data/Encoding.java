package dev.evolute.app.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.EncodingType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How text becomes tokens. */
public enum Encoding {
  /** Its UTF-8 bytes; a zero byte stands between files. */
  BYTES(256, 1, 0),
  /** GPT-2's byte-pair encoding, of 50,257 tokens, whose last one stands between files. */
  GPT2(50_257, 2, 50_256);

  private final int vocabulary;
  private final int bytes;
  private final int separator;

  Encoding(int vocabulary, int bytes, int separator) {
    this.vocabulary = vocabulary;
    this.bytes = bytes;
    this.separator = separator;
  }

  /** Number of tokens there are. */
  public int vocabulary() {
    return vocabulary;
  }

  /** Bytes of a token in memory and in files. */
  int bytes() {
    return bytes;
  }

  /** The token between two files. */
  int separator() {
    return separator;
  }

  /** The tokens of a text; names of special tokens in it are text like any other. */
  int[] encode(String text) {
    if (this == GPT2) {
      return Gpt2.ENCODING.encodeOrdinary(text).toArray();
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[utf8.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = utf8[i] & 0xff;
    }
    return tokens;
  }

  /** Its vocabulary takes a while to read: once, and only where it is used. */
  private static final class Gpt2 {
    static final com.knuddels.jtokkit.api.Encoding ENCODING =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
  }

  /** What a user types. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
