package dev.evolute.app.engine;

import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.kernels.DType;

/**
 * What gradients are wanted of: the mean loss of a network over mini-batches.
 *
 * @param data what the samples are called
 * @param train samples that mini-batches are drawn from
 * @param held samples that the loss is evaluated on; may be none
 * @param batch samples of a mini-batch, at most {@code train.count()}
 * @param rows samples of one pass, whose gradients are summed
 * @param dtype of parameters and gradients
 * @param seed of what is drawn: mini-batches and masks of drop path
 */
public record TrainingTask(
    NamedModel model,
    String data,
    Samples train,
    Samples held,
    int batch,
    int rows,
    DType dtype,
    long seed) {}
