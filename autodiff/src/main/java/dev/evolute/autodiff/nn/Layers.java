package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.kernels.Activation;
import java.util.List;
import java.util.Locale;

/** What the models share. */
final class Layers {
  private Layers() {}

  /** Declares a model's parameters, in the order of theta. */
  static List<Value> declare(Model model, Graph graph) {
    return model.parameters().stream()
        .map(p -> graph.parameter(p.name(), p.rows(), p.cols()))
        .toList();
  }

  /** {@code f(x)}; the identity is not recorded. */
  static Value activate(Graph graph, Activation f, Value x) {
    return f.kind() == Activation.Kind.IDENTITY ? x : graph.apply(new Activate(f), x);
  }

  /** An activation in text. */
  static String name(Activation f) {
    String name = f.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return switch (f.kind()) {
      case IDENTITY -> "linear";
      case LEAKY_RELU -> name + " " + f.slope();
      default -> name;
    };
  }

  /** Widths as the field writes them: {@code 784-50-10}. */
  static String joined(List<Integer> widths) {
    return String.join("-", widths.stream().map(String::valueOf).toList());
  }

  /**
   * Refuses sizes that make no network.
   *
   * @param rule what they have to be
   * @param sizes a name and a value in turns
   */
  static void require(boolean fine, String model, String rule, Object... sizes) {
    if (!fine) {
      StringBuilder given = new StringBuilder();
      for (int i = 0; i < sizes.length; i += 2) {
        given.append(i == 0 ? "" : ", ").append(sizes[i]).append(' ').append(sizes[i + 1]);
      }
      throw new IllegalArgumentException(model + ": " + given + "; " + rule);
    }
  }

  /** Refuses widths that make no network. */
  static List<Integer> checked(List<Integer> widths) {
    if (widths.size() < 2 || widths.stream().anyMatch(w -> w < 1)) {
      throw new IllegalArgumentException(
          "widths: " + widths + " given; a network needs at least two, each at least 1");
    }
    return List.copyOf(widths);
  }
}
