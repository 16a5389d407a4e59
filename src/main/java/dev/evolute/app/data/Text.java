package dev.evolute.app.data;

import java.nio.file.Path;

/**
 * Text as tokens, by the name a user types.
 *
 * @param name what it is called
 * @param real whether it is what was asked for
 */
public record Text(String name, boolean real, Tokens tokens) {
  /** Text that is there wherever a JDK is. */
  public static final String JDK = "jdk-src";

  /** How text is named, for help. */
  public static final String NAMES =
      "jdk-src (20 million characters of the running JDK's own sources, as bytes), text:PATH (a"
          + " UTF-8 file or folder, as bytes), gpt2:PATH (the same in GPT-2's byte-pair encoding)"
          + " and tokens:FILE (as `evolute data tokens` makes it)";

  private static final String BYTES = "text:";
  private static final String GPT2 = "gpt2:";
  private static final String TOKENS = "tokens:";

  /** More than two cores read in an hour. */
  private static final long JDK_CHARACTERS = 20_000_000;

  /** Whether data of that name are text. */
  public static boolean isText(String name) {
    return name.equals(JDK)
        || name.startsWith(BYTES)
        || name.startsWith(GPT2)
        || name.startsWith(TOKENS);
  }

  /**
   * Opens text.
   *
   * @param name of which {@link #isText} holds
   * @throws dev.evolute.app.UserException if it is not there, or damaged
   */
  public static Text open(String name) {
    if (name.equals(JDK)) {
      JdkText text = JdkText.of(JDK_CHARACTERS);
      return new Text(text.name(), text.real(), Tokens.ofTexts(text.texts(), Encoding.BYTES));
    }
    Path path = Path.of(name.substring(name.indexOf(':') + 1));
    if (name.startsWith(TOKENS)) {
      return new Text(name, true, Tokens.open(path));
    }
    Encoding encoding = name.startsWith(BYTES) ? Encoding.BYTES : Encoding.GPT2;
    return new Text(name, true, Tokens.ofText(path, encoding));
  }
}
