package dev.evolute.app.probe;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Sha256;
import dev.evolute.app.engine.Session;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Machine;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.io.ParameterFile;
import dev.evolute.autodiff.io.Safetensors;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is looked at: the loss of a network on some samples, at parameters of a file or at random.
 *
 * @param settings what was asked for
 * @param problem the network as it is evaluated, and the data whose first samples count
 * @param samples how many
 * @param rows how many of them at a time
 * @param dtype element type
 * @param plan how the loss is cut into chunks
 */
record Subject(
    ProbeSettings settings, Problem problem, int samples, int rows, DType dtype, ChunkPlan plan) {
  /** Images at a time, or tokens. */
  private static final int ROWS = 4096;

  /**
   * Finds all that was asked for.
   *
   * @throws UserException if something is not there or does not fit
   */
  static Subject of(ProbeSettings settings) {
    Problem problem = Problem.of(settings);
    NamedModel model = problem.model();
    int samples = problem.samples(settings.samples());
    int rows = model.sequential() ? Math.max(1, ROWS / model.inputs()) : ROWS;
    ChunkPlan plan = ChunkPlan.of(samples, rows, model.loss(samples));
    return new Subject(settings, problem, samples, rows, dtype(settings), plan);
  }

  /** The network as it is evaluated. */
  NamedModel model() {
    return problem.model();
  }

  /** How many of what it is looked at on. */
  String over() {
    return String.format(Locale.ROOT, "%,d %s of %s", samples, problem.unit(), problem.data());
  }

  /**
   * Everything that numbers found of it depend on besides the program.
   *
   * @param site where it is computed
   */
  String key(Site site) {
    return String.join(
        " ",
        List.of(
            "probe of",
            model().name(),
            model().network().toString(),
            "at",
            weightsKey(),
            "over",
            over(),
            problem.sha256(),
            "in",
            dtype.toString(),
            site.key(),
            "seed",
            Long.toString(settings.seed())));
  }

  private String weightsKey() {
    try {
      return settings.weights() == null ? "random weights" : Sha256.hex(settings.weights());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Begins the result of a command that looks at it. */
  StudyResult.Builder result(String command) {
    return StudyResult.of(command)
        .seed(settings.seed())
        .machine(Machine.here().summary(settings.device(), settings.threads()))
        .setting("model", model().name())
        .setting("network", model().network().toString())
        .setting("loss", "mean softmax cross-entropy over " + over())
        .setting("weights", settings.weights() == null ? "random" : settings.weights().toString())
        .setting("precision", dtype.name().toLowerCase(Locale.ROOT))
        .data(problem.data(), problem.real(), samples, problem.sha256())
        .command(settings.command());
  }

  /** The loss, with its data and at its parameters; the caller closes it. */
  Chunks on(Device device) {
    Chunks loss = plan.compile(device, dtype);
    try {
      NamedModel.load(problem.first().apply(samples), samples, loss);
      fill(loss);
      return loss;
    } catch (RuntimeException e) {
      loss.close();
      throw e;
    }
  }

  /** The same in the executors of an engine, with vectors on a device of this process. */
  Objective on(Session session, Device device) {
    Objective loss =
        session.loss(
            model(), settings.data(), problem.first().apply(samples), samples, rows, dtype, device);
    try {
      fill(loss);
      return loss;
    } catch (RuntimeException e) {
      loss.close();
      throw e;
    }
  }

  private static DType dtype(ProbeSettings settings) {
    if (settings.dtype() != null || settings.weights() == null) {
      return settings.dtype() == null ? DType.F32 : settings.dtype();
    }
    try {
      // Running statistics are in F64 beside parameters in either type.
      boolean exact =
          Safetensors.read(settings.weights()).values().stream()
              .noneMatch(tensor -> tensor.dtype() == DType.F32);
      return exact ? DType.F64 : DType.F32;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static UserException unreadable(IOException e) {
    return new UserException(
        "--weights: the file cannot be read (%s); name a safetensors file"
            .formatted(e.getMessage()),
        e);
  }

  private void fill(Objective loss) {
    Path weights = settings.weights();
    if (weights == null) {
      model().start().fill(loss, settings.seed());
      return;
    }
    try {
      ParameterFile.load(weights, loss);
    } catch (IOException e) {
      throw unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "--weights: they do not fit %s with --precision %s: %s"
              .formatted(
                  model().name(), loss.dtype().name().toLowerCase(Locale.ROOT), e.getMessage()),
          e);
    }
  }

  /**
   * The weights and the bias of each layer, by their names: W1 and b1 are one; of names with dots
   * all that begin alike, as in layer1.mlp.in and stage1.2.expand.scale.
   */
  static Map<String, Block> layers(List<Value> parameters) {
    Map<String, List<Value>> grouped = new LinkedHashMap<>();
    for (Value p : parameters) {
      String layer =
          p.name().matches("[Wb]\\d+")
              ? p.name().substring(1)
              : p.name().replaceFirst("\\.(?!\\d).*", "");
      grouped.computeIfAbsent(layer, n -> new ArrayList<>()).add(p);
    }
    Map<String, Block> layers = new LinkedHashMap<>();
    grouped.forEach(
        (name, layer) ->
            layers.put(
                layer.size() > 2
                    ? name
                    : String.join("+", layer.stream().map(Value::name).toList()),
                Block.of(layer.toArray(Value[]::new))));
    return layers;
  }
}
