package dev.evolute.app.cli;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudySettings;
import java.util.function.BiConsumer;

/** A study that does what the test says. */
record FakeStudy(String name, BiConsumer<StudySettings, Progress> work) implements Study {
  @Override
  public String title() {
    return "a fake";
  }

  @Override
  public String paper() {
    return "none";
  }

  @Override
  public void run(StudySettings settings, Progress progress) {
    work.accept(settings, progress);
  }
}
