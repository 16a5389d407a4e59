package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.WheelInput;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * The pages in headless Chromium: axe-core finds nothing serious at either width in either scheme,
 * and everything that can be done with a mouse can be done. Pictures of the pages are left in
 * {@code target/browser}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportInBrowserTest {
  private static final Path SHOTS = Path.of("target", "browser");

  /** Says that it knows no newer browser; what is used here has long been the same. */
  private static final Logger TALKATIVE = Logger.getLogger("org.openqa.selenium");

  private Path folder;
  private Path downloads;
  private ChromeDriver browser;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    TALKATIVE.setLevel(Level.SEVERE);
    folder = temporary;
    downloads = Files.createDirectories(folder.resolve("downloads"));
    browser = browser(Map.of());
    Files.writeString(
        folder.resolve("report.html"),
        ReportHtml.text(SampleReport.result(true, false), ReportPageTest.figures()));
    Files.writeString(folder.resolve("compare.html"), ComparisonTest.page());
    Files.createDirectories(SHOTS);
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.quit();
    }
  }

  private ChromeDriver browser(Map<String, Object> preferences) {
    Optional<Path> chromium = onPath("chromium", "chromium-browser", "google-chrome");
    Optional<Path> driver = onPath("chromedriver");
    assumeTrue(
        chromium.isPresent() && driver.isPresent(),
        "install Chromium and ChromeDriver (Debian: chromium, chromium-driver)");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.get().toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync");
    Map<String, Object> all = new HashMap<>(preferences);
    all.put("download.default_directory", downloads.toString());
    options.setExperimentalOption("prefs", all);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    return new ChromeDriver(
        new ChromeDriverService.Builder().usingDriverExecutable(driver.get().toFile()).build(),
        options);
  }

  private static Optional<Path> onPath(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .map(directory -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private void open(String page, int width, String scheme) {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            "",
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    browser.get(folder.resolve(page).toUri().toString());
    if (!browser.findElements(By.cssSelector("figure.live")).isEmpty()) {
      until(".stage svg text");
    }
  }

  private void until(String selector) {
    new WebDriverWait(browser, Duration.ofSeconds(20))
        .until(b -> !b.findElements(By.cssSelector(selector)).isEmpty());
  }

  private WebElement find(String selector) {
    return browser.findElement(By.cssSelector(selector));
  }

  private Object script(String code, Object... arguments) {
    return browser.executeScript(code, arguments);
  }

  @BeforeEach
  void forgetMessages() {
    browser.manage().logs().get(LogType.BROWSER);
  }

  @ParameterizedTest
  @CsvSource({
    "report.html, 1366, light",
    "report.html, 1366, dark",
    "report.html, 375, light",
    "report.html, 375, dark",
    "compare.html, 1366, light",
    "compare.html, 375, dark"
  })
  void nothingSeriousIsFoundAndThePageFits(String page, int width, String scheme) throws Exception {
    open(page, width, scheme);
    String axe;
    try (InputStream in = getClass().getResourceAsStream("/axe.min.js")) {
      axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    script(axe);
    browser.manage().timeouts().scriptTimeout(Duration.ofMinutes(2));
    @SuppressWarnings("unchecked")
    List<Object> found =
        (List<Object>)
            browser.executeAsyncScript(
                """
                const done = arguments[arguments.length - 1];
                axe.run(document).then(r => done(r.violations
                  .filter(v => v.impact === 'serious' || v.impact === 'critical')
                  .map(v => v.id + ': ' + v.nodes.map(n => n.html).join('; ').slice(0, 400))));
                """);
    assertEquals(List.of(), found);
    assertTrue(
        (Boolean) script("return document.documentElement.scrollWidth <= window.innerWidth"),
        "the page scrolls sideways");
    long panels = (Long) script("return document.querySelectorAll('.panel').length");
    assertTrue(panels >= 2, panels + " panels");
    List<String> messages =
        browser.manage().logs().get(LogType.BROWSER).getAll().stream()
            .map(Object::toString)
            .toList();
    assertEquals(List.of(), messages);
    Files.copy(
        browser.getScreenshotAs(OutputType.FILE).toPath(),
        SHOTS.resolve(page.replace(".html", "-" + width + "-" + scheme + ".png")),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private String ticks(WebElement plot) {
    return String.join(
        " ",
        plot.findElements(By.cssSelector("svg text")).stream().map(WebElement::getText).toList());
  }

  private WebElement plot() {
    WebElement plot = find("#picture-loss .plot");
    script("arguments[0].scrollIntoView({block: 'center'})", plot);
    return plot;
  }

  @Test
  void hoveringTellsTheValues() {
    open("report.html", 1366, "light");
    WebElement plot = plot();
    new Actions(browser).moveToElement(plot).perform();
    WebElement tip = plot.findElement(By.cssSelector(".tip"));
    assertTrue(tip.isDisplayed());
    String text = tip.getText();
    assertTrue(text.contains("η₀/20") && text.contains("iteration"), text);
    assertTrue(text.matches("(?s).*\\d\\.\\d+.*"), text);
    new Actions(browser).moveToElement(find("h1")).perform();
    assertFalse(tip.isDisplayed());
  }

  @Test
  void draggingZoomsAndResetGoesBack() {
    open("report.html", 1366, "light");
    WebElement plot = plot();
    String before = ticks(plot);
    new Actions(browser)
        .moveToElement(plot, -60, 0)
        .clickAndHold()
        .moveByOffset(40, 0)
        .moveByOffset(40, 0)
        .release()
        .perform();
    String zoomed = ticks(plot);
    assertNotEquals(before, zoomed);
    find("#picture-loss .tools button[title='reset the view']").click();
    assertEquals(before, ticks(plot));
  }

  @Test
  void theWheelZoomsAPictureThatWasChosenAndElseThePageScrolls() {
    open("report.html", 1366, "light");
    WebElement plot = plot();
    String before = ticks(plot);
    WheelInput.ScrollOrigin origin = WheelInput.ScrollOrigin.fromElement(plot);
    new Actions(browser).scrollFromOrigin(origin, 0, -100).perform();
    assertEquals(before, ticks(plot));
    plot();
    plot.click();
    new Actions(browser).scrollFromOrigin(origin, 0, -100).perform();
    assertNotEquals(before, ticks(plot));
  }

  @Test
  void theKeyboardReadsZoomsMovesAndResets() {
    open("report.html", 1366, "light");
    WebElement plot = plot();
    String before = ticks(plot);
    plot.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    String first = find("#picture-loss .panel .readout").getText();
    assertTrue(first.contains("η₀ = 0.001"), first);
    plot.sendKeys(Keys.ARROW_RIGHT);
    assertNotEquals(first, find("#picture-loss .panel .readout").getText());
    plot.sendKeys("+");
    String zoomed = ticks(plot);
    assertNotEquals(before, zoomed);
    plot.sendKeys(Keys.chord(Keys.SHIFT, Keys.ARROW_RIGHT));
    assertNotEquals(zoomed, ticks(plot));
    plot.sendKeys("0");
    assertEquals(before, ticks(plot));
  }

  @Test
  void aSeriesIsHiddenAndShownByMouseAndKeyboard() {
    open("report.html", 1366, "light");
    plot();
    String lines = "#picture-loss .panel:first-child .plot path[class='s1']";
    WebElement key = browser.findElements(By.cssSelector("#picture-loss .keys button")).get(1);
    assertEquals("true", key.getDomAttribute("aria-pressed"));
    assertEquals(1, browser.findElements(By.cssSelector(lines)).size());
    key.click();
    assertEquals("false", key.getDomAttribute("aria-pressed"));
    assertEquals(0, browser.findElements(By.cssSelector(lines)).size());
    key.sendKeys(Keys.SPACE);
    assertEquals("true", key.getDomAttribute("aria-pressed"));
    assertEquals(1, browser.findElements(By.cssSelector(lines)).size());
  }

  @Test
  void axesBecomeLogarithmicAndLinear() {
    open("report.html", 1366, "light");
    WebElement plot = plot();
    String linear = ticks(plot);
    WebElement log = find("#picture-loss .tools button[title='logarithmic y axis']");
    assertEquals("false", log.getDomAttribute("aria-pressed"));
    log.click();
    assertEquals("true", log.getDomAttribute("aria-pressed"));
    assertNotEquals(linear, ticks(plot));
    log.click();
    assertEquals(linear, ticks(plot));
  }

  @Test
  void claimsAreFilteredAndSorted() {
    open("report.html", 1366, "light");
    WebElement verdict = find("#claims-verdict");
    script("arguments[0].scrollIntoView({block: 'center'})", verdict);
    new Select(verdict).selectByValue("fails");
    assertEquals(List.of("✗ fails"), verdicts());
    new Select(verdict).selectByValue("");
    find("#claims-words").sendKeys("distances");
    assertEquals(List.of("– not checked"), verdicts());
    find("#claims-words").clear();
    find("#claims-words").sendKeys(" ", Keys.BACK_SPACE);
    WebElement violated =
        find("table.claims thead th:nth-child(4)").findElement(By.tagName("button"));
    violated.click();
    violated.click();
    assertEquals("✗ fails", verdicts().get(0));
    assertEquals(
        "descending", find("table.claims thead th:nth-child(4)").getDomAttribute("aria-sort"));
  }

  private List<String> verdicts() {
    return browser.findElements(By.cssSelector("table.claims tbody tr")).stream()
        .filter(WebElement::isDisplayed)
        .map(row -> row.findElement(By.cssSelector("td")).getText())
        .toList();
  }

  @Test
  void numbersOfAPictureAreSaved() {
    open("report.html", 1366, "light");
    WebElement csv = find("#picture-spectrum .tools button[title$='as CSV']");
    script("arguments[0].scrollIntoView({block: 'center'})", csv);
    csv.click();
    Path file = downloads.resolve("spectrum.csv");
    new WebDriverWait(browser, Duration.ofSeconds(20)).until(b -> Files.exists(file));
    List<String> lines =
        new WebDriverWait(browser, Duration.ofSeconds(20))
            .until(b -> file.toFile().length() > 0 ? read(file) : null);
    assertEquals("panel,series,iteration,value", lines.get(0));
    assertTrue(lines.get(1).startsWith("Largest eigenvalue,\"λmax, linear\",0,14"), lines.get(1));
    // Six lines of 24 points.
    assertEquals(1 + 6 * 24, lines.size());
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void onPaperThereAreTheStillPictures() {
    open("report.html", 1366, "light");
    assertFalse(find("#picture-loss .wide svg").isDisplayed());
    browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("media", "print"));
    assertTrue(find("#picture-loss .wide svg").isDisplayed());
    assertFalse(find("#picture-loss .stage").isDisplayed());
    assertFalse(find("#picture-loss .tools").isDisplayed());
  }

  @Test
  void withoutItsScriptThePageShowsTheSameStill() throws Exception {
    ChromeDriver plain = browser(Map.of("profile.managed_default_content_settings.javascript", 2));
    try {
      plain.get(folder.resolve("report.html").toUri().toString());
      assertTrue(plain.findElements(By.cssSelector(".panel, .filter")).isEmpty());
      int shown = 0;
      for (WebElement svg : plain.findElements(By.cssSelector("figure svg"))) {
        shown += svg.getRect().getWidth() > 300 ? 1 : 0;
      }
      assertEquals(ReportPageTest.figures().size(), shown);
      assertEquals(3, plain.findElements(By.cssSelector("table.claims tbody tr")).size());
    } finally {
      plain.quit();
    }
  }
}
