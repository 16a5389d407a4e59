package dev.evolute.app.train;

import dev.evolute.app.UserException;
import dev.evolute.app.engine.Store;
import dev.evolute.app.train.Records.Column;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.io.Checkpoint;
import dev.evolute.autodiff.io.ParameterFile;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The checkpoint of a run, and its parameters at the end. A checkpoint holds the parameters and the
 * running statistics by name, the optimiser's vectors, the number of steps, which is also the
 * position of the mini-batches, of the step sizes and of all random streams, what was recorded so
 * far, and every setting: a run of other settings does not go on from it.
 */
final class SavedRun {
  private static final String CHECKPOINT = "checkpoint.safetensors";
  private static final String PARAMETERS = "model.safetensors";

  private static final String OPTIMIZER = "optimizer.";
  private static final String RECORDS = "records";
  private static final String POSITION = "position";
  private static final String PROBE = "probe.";

  /** What a run in one process has no number for. */
  private static final List<String> OF_ENGINES = List.of("shards", "engine");

  private final Store store;
  private final String file;
  private final Path parameters;
  private final Map<String, String> settings = new LinkedHashMap<>();

  /**
   * Of a run.
   *
   * @param store where checkpoints are
   * @param folder for the parameters at the end
   * @param settings all that its numbers depend on
   */
  SavedRun(Store store, Path folder, Map<String, Object> settings) {
    this.store = store;
    file = store.place(CHECKPOINT);
    parameters = folder.resolve(PARAMETERS);
    settings.forEach((name, value) -> this.settings.put(name, String.valueOf(value)));
  }

  /** Where it is, for messages. */
  String place() {
    return store.place();
  }

  void save(Training run) {
    Map<String, Tensor> tensors = ParameterFile.tensors(run.batches.objective());
    run.optimizer.state().forEach((name, v) -> tensors.put(OPTIMIZER + name, vector(v)));
    if (run.sharpness != null) {
      List<Tensor> state = run.sharpness.state();
      for (int i = 0; i < state.size(); i++) {
        tensors.put(PROBE + i, state.get(i));
      }
    }
    int columns = Column.values().length;
    double[] records = run.records.flat();
    tensors.put(RECORDS, Tensor.of(DType.F64, records, records.length / columns, columns));
    double[] position = {
      run.step,
      run.lossSum,
      run.lossCount,
      run.eta,
      run.seconds,
      run.evaluationSeconds,
      run.probeSeconds,
      run.sharpness == null ? 0 : run.sharpness.probes,
      run.sharpness == null ? 0 : run.sharpness.products
    };
    tensors.put(POSITION, Tensor.of(DType.F64, position, position.length));
    try {
      store.save(CHECKPOINT, new Checkpoint(settings, tensors));
    } catch (IOException e) {
      throw cannotWrite(file, store.option(), e);
    }
  }

  private static Tensor vector(Buffer v) {
    return Tensor.of(v.dtype(), v.toArray(), (int) v.length());
  }

  /**
   * Puts a run where it was saved.
   *
   * @param wanted whether the user asked for it; if not, a checkpoint is in the way
   * @return whether there was a checkpoint
   * @throws UserException if there is one that was not asked for, is damaged, or of another run
   */
  boolean restore(Training run, boolean wanted) {
    Checkpoint checkpoint;
    try {
      if (!store.has(CHECKPOINT)) {
        return false;
      }
      if (!wanted) {
        throw new UserException(
            "%s holds an unfinished run; go on with --resume, start over with --fresh, or choose"
                    .formatted(store.place())
                + " another folder with %s".formatted(store.option()));
      }
      checkpoint = store.load(CHECKPOINT);
    } catch (IOException e) {
      throw new UserException(
          "cannot resume from %s; start over with --fresh".formatted(e.getMessage()), e);
    }
    requireSame(checkpoint.texts());
    Map<String, Tensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
    double[] position = tensors.remove(POSITION).values();
    run.records.restore(tensors.remove(RECORDS).values());
    List<Tensor> probe = new ArrayList<>();
    while (tensors.containsKey(PROBE + probe.size())) {
      probe.add(tensors.remove(PROBE + probe.size()));
    }
    if (!probe.isEmpty()) {
      run.sharpness.resume(probe);
      run.sharpness.probes = (long) position[7];
      run.sharpness.products = (long) position[8];
    }
    run.optimizer.state().forEach((name, v) -> v.set(tensors.remove(OPTIMIZER + name).values()));
    ParameterFile.fill(tensors, run.batches.objective());
    run.step = (long) position[0];
    run.lossSum = position[1];
    run.lossCount = (long) position[2];
    run.eta = position[3];
    run.seconds = position[4];
    run.evaluationSeconds = position[5];
    run.probeSeconds = position[6];
    run.optimizer.resume(run.step);
    return true;
  }

  private void requireSame(Map<String, String> theirs) {
    Set<String> names = new LinkedHashSet<>(settings.keySet());
    OF_ENGINES.stream().filter(theirs::containsKey).forEach(names::add);
    for (String name : names) {
      String absent = OF_ENGINES.contains(name) ? "none" : null;
      String mine = settings.getOrDefault(name, absent);
      String other = theirs.getOrDefault(name, absent);
      if (other == null) {
        throw new UserException(
            "cannot resume from %s: it says nothing of %s, an older version of the program made it; go"
                    .formatted(file, name)
                + " on with that, or start over with --fresh");
      }
      if (!mine.equals(other)) {
        throw new UserException(
            "cannot resume from %s: it was made with %s %s, this run has %s; give the same, or start"
                    .formatted(file, name, other, mine)
                + " over with --fresh");
      }
    }
  }

  /** The parameters by themselves. */
  void saveParameters(Objective objective) {
    try {
      ParameterFile.save(parameters, objective);
    } catch (IOException e) {
      throw cannotWrite(parameters.toString(), "--out", e);
    }
  }

  void delete() {
    try {
      store.delete(CHECKPOINT);
    } catch (IOException e) {
      throw cannotWrite(file, store.option(), e);
    }
  }

  private static UserException cannotWrite(String file, String option, IOException e) {
    return new UserException(
        "%s cannot be written (%s); free some space or choose another folder with %s"
            .formatted(file, e.getMessage(), option),
        e);
  }
}
