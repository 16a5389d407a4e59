package dev.evolute.app.study;

import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * A piece of a study that needs no other piece.
 *
 * @param cost what it takes, in any unit common to the jobs that run together
 * @param work does it on a device that is closed afterwards
 */
public record Job(long cost, Consumer<Device> work) {
  /**
   * Runs independent jobs side by side, the longest first, each on a device of its own. When one
   * fails, the others are asked to end and its failure is thrown.
   */
  public static void runAll(List<Job> jobs, StudySettings settings, Progress progress) {
    if (jobs.isEmpty()) {
      return;
    }
    int workers = Math.min(settings.threads(), jobs.size());
    int threads = settings.threads() / workers;
    List<Job> longestFirst = new ArrayList<>(jobs);
    longestFirst.sort(Comparator.comparingLong(Job::cost).reversed());
    try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> running = new ArrayList<>();
      for (Job job : longestFirst) {
        running.add(
            pool.submit(
                () -> {
                  try (Device device = Device.open(settings.device(), threads)) {
                    job.work().accept(device);
                  } catch (RuntimeException | Error e) {
                    // The other jobs look at the progress, as they do when the user interrupts.
                    progress.interrupt();
                    throw e;
                  }
                }));
      }
      try {
        for (Future<?> future : running) {
          future.get();
        }
      } catch (ExecutionException e) {
        progress.interrupt();
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        progress.interrupt();
        Thread.currentThread().interrupt();
      }
    }
  }
}
