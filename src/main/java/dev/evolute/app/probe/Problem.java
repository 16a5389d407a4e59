package dev.evolute.app.probe;

import dev.evolute.app.UsageException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.data.Text;
import dev.evolute.app.data.TokenSamples;
import dev.evolute.app.engine.Engine;
import dev.evolute.app.model.NamedModel;
import java.util.function.IntFunction;

/**
 * A network, as it is evaluated, and the data of its loss.
 *
 * @param data what they are called
 * @param real whether they are what the name promises
 * @param count samples there are
 * @param usual samples that are probed where no number is given
 * @param unit what a sample is, in the plural
 * @param first hands out the first ones
 */
record Problem(
    NamedModel model,
    String data,
    boolean real,
    String sha256,
    int count,
    int usual,
    String unit,
    IntFunction<Samples> first) {
  /** A product takes as long as many sequences are long: all of a text are never wanted unasked. */
  private static final int SEQUENCES = 8;

  /**
   * Opens both by their names.
   *
   * @throws dev.evolute.app.UserException where one of them is not there or they do not fit
   */
  static Problem of(ProbeSettings settings) {
    String data = settings.data();
    if (NamedModel.isSequential(settings.model()) && Images.isOne(data)) {
      throw new UsageException(
          "model %s reads text, %s are images; give --data %s"
              .formatted(settings.model(), data, Text.NAMES));
    }
    return Text.isText(data) ? ofText(settings) : ofImages(settings);
  }

  private static Problem ofText(ProbeSettings settings) {
    Text text = Text.open(settings.data());
    NamedModel model = NamedModel.ofText(settings.model(), text.tokens().vocabulary());
    Samples all = new TokenSamples(text.tokens(), 0, text.tokens().count(), model.inputs());
    if (all.count() == 0) {
      throw new UsageException(
          "%s has %d tokens, too few for one sequence of %d, which takes one more; give more text or"
                  .formatted(text.name(), text.tokens().count(), model.inputs())
              + " a model of shorter sequences");
    }
    return new Problem(
        model.evaluation(),
        text.name(),
        text.real(),
        text.tokens().sha256(),
        all.count(),
        Math.min(SEQUENCES, all.count()),
        "sequences of %d tokens".formatted(model.inputs()),
        many -> all);
  }

  private static Problem ofImages(ProbeSettings settings) {
    NamedModel.OnImages named = NamedModel.onImages(settings.model());
    Images data = Engine.open(settings.engine() != null, settings.data(), settings.dataDir());
    NamedModel model = named.fit(data.name(), data.features(), data.classes()).evaluation();
    return new Problem(
        model,
        data.name(),
        data.real(),
        data.sha256(),
        data.count(),
        data.count(),
        "images",
        data::first);
  }

  /** How many samples are probed, where so many are asked for, or 0 for as many as usual. */
  int samples(int asked) {
    int samples = asked == 0 ? usual : asked;
    if (samples < 1 || samples > count) {
      throw new UsageException("--samples: %d given, %s has 1 to %d".formatted(asked, data, count));
    }
    return samples;
  }
}
