using System.ComponentModel.DataAnnotations;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Configuration;

public class FnOptionsTests
{
    [Fact]
    public void Value_NothingGiven_IsTheDefaults()
    {
        var options = Bind();

        Assert.Equal(TimeSpan.FromSeconds(120), options.Wait);
        Assert.Equal(64 * 1024, options.Size);
        Assert.Equal(["a"], options.Names);
    }

    [Fact]
    public void Value_EveryKindGiven_IsWhatWasGiven()
    {
        var options = Bind(
            ("Fn:Sample:Wait", "2m"), ("Fn:Sample:Grace", "500ms"), ("Fn:Sample:Size", "1MiB"), ("Fn:Sample:Limit", "64k"), ("Fn:Sample:Count", " 7 "),
            ("Fn:Sample:Share", "0.25"), ("Fn:Sample:On", "TRUE"), ("Fn:Sample:Name", "x"), ("Fn:Sample:Names", "b, c,,d "));

        Assert.Equal(TimeSpan.FromMinutes(2), options.Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.Grace);
        Assert.Equal(1024 * 1024, options.Size);
        Assert.Equal(64 * 1024, options.Limit);
        Assert.Equal(7, options.Count);
        Assert.Equal(0.25, options.Share);
        Assert.True(options.On);
        Assert.Equal("x", options.Name);
        Assert.Equal(["b", "c", "d"], options.Names);
    }

    [Fact]
    public void Value_KeyInOtherCase_IsBound() => Assert.Equal(9, Bind(("FN:SAMPLE:COUNT", "9")).Count);

    [Fact]
    public void Value_ListAsArray_ReplacesTheDefault() => Assert.Equal(["x,y", "z"], Bind(("Fn:Sample:Names:0", "x,y"), ("Fn:Sample:Names:1", "z")).Names);

    [Fact]
    public void Value_ListAsArrayAndAsOneValue_IsTheOneValue() => Assert.Equal(["one"], Bind(("Fn:Sample:Names:0", "x"), ("Fn:Sample:Names", "one")).Names);

    [Fact]
    public void Value_NullableGivenEmpty_IsOff()
    {
        var options = Bind(("Fn:Sample:Grace", ""), ("Fn:Sample:Limit", " "), ("Fn:Sample:Name", ""));

        Assert.Null(options.Grace);
        Assert.Null(options.Limit);
        Assert.Null(options.Name);
    }

    [Theory]
    [InlineData("Wait", "12 parsecs", "Fn:Sample:Wait is '12 parsecs': allowed is a duration from 10ms to 1h, for instance 120s")]
    [InlineData("Wait", "2h", "Fn:Sample:Wait is '2h': allowed is a duration from 10ms to 1h, for instance 120s")]
    [InlineData("Wait", "", "Fn:Sample:Wait is '': allowed is a duration from 10ms to 1h, for instance 120s")]
    [InlineData("Grace", "1us", "Fn:Sample:Grace is '1us': allowed is a duration from 0s to 1m, for instance 3s; empty for none")]
    [InlineData("Size", "64MB", "Fn:Sample:Size is '64MB': allowed is a size from 1KiB to 10MiB, for instance 64KiB")]
    [InlineData("Limit", "0", "Fn:Sample:Limit is '0': allowed is a size from 1KiB to 1PiB, for instance 1KiB; empty for none")]
    [InlineData("Count", "3.5", "Fn:Sample:Count is '3.5': allowed is a whole number from 0 to 1000000, for instance 10000")]
    [InlineData("Count", "99999999999", "Fn:Sample:Count is '99999999999': allowed is a whole number from 0 to 1000000, for instance 10000")]
    [InlineData("Share", "NaN", "Fn:Sample:Share is 'NaN': allowed is a number from 0 to 1, for instance 0.1")]
    [InlineData("On", "yes", "Fn:Sample:On is 'yes': allowed is true or false, for instance false")]
    [InlineData("Count:Deep", "1", "Fn:Sample:Count has keys below it: allowed is a whole number from 0 to 1000000, for instance 10000")]
    [InlineData("Cuont", "1", "Fn:Sample:Cuont is not known: is it Fn:Sample:Count?")]
    [InlineData("Colour", "red", "Fn:Sample:Colour is not known: known are Wait, Grace, Size, Limit, Count, Share, On, Name, Names, Other")]
    public void Validate_OneWrongSetting_NamesKeyValueAndWhatIsAllowed(string name, string value, string expected)
    {
        Assert.Equal([expected], Errors(("Fn:Sample:" + name, value)));
    }

    [Fact]
    public void Validate_SectionWithinTheSection_IsNotUnknown() => Start(("Fn:Sample:Inner:Port", "80"));

    [Fact]
    public void Validate_SectionsOfOtherServicesInTheRoot_AreNotUnknown() => Start(("Fn:Elsewhere:Port", "80"), ("Fn:Runners:0", "http://127.0.0.1:8081"));

    [Fact]
    public void Validate_UnknownValueInTheRoot_IsAnError()
    {
        Assert.Equal(["Fn:Runers is not known: is it Fn:Runners?"], Errors(("Fn:Runers", "http://127.0.0.1:8081")));
    }

    [Fact]
    public void Validate_KeyThatAnotherClassReadsInTheSection_IsNotUnknown() => Start(("Fn:Sample:Other", "true"));

    [Fact]
    public void Validate_ValueOfAnotherServiceInTheRoot_IsNotUnknown() => Start(("Fn:Elsewhere", "80"));

    [Fact]
    public void Validate_TwoSectionsWrong_ReportsBoth()
    {
        Assert.Equal(
            [
                "Fn:Sample:Count is 'many': allowed is a whole number from 0 to 1000000, for instance 10000",
                "Fn:Sample:Inner:Port is 'none': allowed is a whole number from 1 to 65535, for instance 8080",
                "Fn:Sample:On is '1': allowed is true or false, for instance false",
            ],
            Errors(("Fn:Sample:Count", "many"), ("Fn:Sample:Inner:Port", "none"), ("Fn:Sample:On", "1")));
    }

    [Fact]
    public void AddFnOptions_CalledTwice_ReportsOnce()
    {
        using var services = Services(("Fn:Sample:Count", "many"));

        Assert.Single(Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<SampleOptions>>().Value).Failures);
    }

    [Fact]
    public void ReadFnOptions_OneValueWrong_ReadsTheOthers()
    {
        var options = Configuration(("Fn:Sample:Count", "many"), ("Fn:Sample:On", "true")).ReadFnOptions<SampleOptions>("Fn:Sample");

        Assert.Equal(10_000, options.Count);
        Assert.True(options.On);
    }

    [Fact]
    public void AddFnOptions_PropertyWithoutRange_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddFnOptions<UnboundedOptions>("Fn:Unbounded"));

    private static SampleOptions Bind(params (string Key, string Value)[] given)
    {
        using var services = Services(given);
        return services.GetRequiredService<IOptions<SampleOptions>>().Value;
    }

    /// <summary>What a process that starts with this tells, in alphabetical order.</summary>
    private static IEnumerable<string> Errors(params (string Key, string Value)[] given) =>
        StartErrors.Describe(Assert.ThrowsAny<Exception>(() => Start(given)))!.Order(StringComparer.Ordinal);

    private static void Start(params (string Key, string Value)[] given)
    {
        using var services = Services(given);
        services.GetRequiredService<IStartupValidator>().Validate();
    }

    private static ServiceProvider Services(params (string Key, string Value)[] given)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(Configuration(given));
        services.AddFnOptions<RootOptions>("Fn");
        services.AddFnOptions<SampleOptions>("Fn:Sample");
        services.AddFnOptions<SampleOptions>("Fn:Sample");
        services.AddFnOptions<MoreSampleOptions>("Fn:Sample");
        services.AddFnOptions<InnerOptions>("Fn:Sample:Inner");
        return services.BuildServiceProvider();
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] given) =>
        new ConfigurationBuilder().AddInMemoryCollection(given.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();

    private sealed class RootOptions
    {
        public IReadOnlyList<string> Runners { get; set; } = [];
    }

    private sealed class SampleOptions
    {
        [Duration("10ms", "1h")]
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(120);

        [Duration("0s", "1m")]
        public TimeSpan? Grace { get; set; } = TimeSpan.FromSeconds(3);

        [Bytes("1KiB", "10MiB")]
        public long Size { get; set; } = 64 * 1024;

        [Bytes("1KiB", "1PiB")]
        public long? Limit { get; set; }

        [Range(0, 1_000_000)]
        public int Count { get; set; } = 10_000;

        [Range(0.0, 1.0)]
        public double Share { get; set; } = 0.1;

        public bool On { get; set; }

        public string? Name { get; set; } = "name";

        public IList<string> Names { get; set; } = ["a"];
    }

    private sealed class MoreSampleOptions
    {
        public bool Other { get; set; }
    }

    private sealed class InnerOptions
    {
        [Range(1, 65535)]
        public int Port { get; set; } = 8080;
    }

    private sealed class UnboundedOptions
    {
        public int Count { get; set; }
    }
}
