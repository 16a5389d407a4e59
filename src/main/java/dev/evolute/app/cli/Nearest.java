package dev.evolute.app.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What was probably meant by a misspelt name. */
final class Nearest {
  private Nearest() {}

  /**
   * The nearest of the names: one that begins as typed, or that few slips of the finger (a letter
   * wrong, missing, too many, or two exchanged) lie between.
   */
  static Optional<String> to(String typed, Collection<String> names) {
    int most = Math.max(1, Math.min(3, typed.length() / 3));
    return names.stream()
        .filter(name -> begins(name, typed) || slips(typed, name) <= most)
        .min(
            Comparator.comparingInt((String name) -> slips(typed, name))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static boolean begins(String name, String typed) {
    return typed.replace("-", "").length() >= 2 && name.startsWith(typed);
  }

  /** The optimal string alignment distance. */
  static int slips(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int wrong = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + wrong, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean exchanged =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (exchanged) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
