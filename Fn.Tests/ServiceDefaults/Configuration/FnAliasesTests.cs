using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Configuration;

public sealed class FnAliasesTests
{
    [Theory]
    [InlineData("FN_LOG_LEVEL", "debug", "Logging:LogLevel:Default", "Debug")]
    [InlineData("FN_PUBLIC_LB_URL", "https://fn.example.com", "Fn:Api:PublicUrl", "https://fn.example.com")]
    [InlineData("FN_MAX_REQUEST_SIZE", "1000", "Fn:Api:MaxRequestSize", "1000")]
    [InlineData("FN_MAX_REQUEST_SIZE", "0", "Fn:Api:MaxRequestSize", null)]
    [InlineData("FN_MAX_TOTAL_MEMORY_BYTES", "1073741824", "Fn:Runner:Memory", "1073741824")]
    [InlineData("FN_HOT_START_TIMEOUT_MSECS", "2500", "Fn:Containers:StartTimeout", "2500ms")]
    [InlineData("FN_DISABLE_READONLY_ROOTFS", "true", "Fn:Containers:ReadOnlyRoot", "false")]
    [InlineData("FN_DISABLE_UNPRIVILEGED_CONTAINERS", "1", "Fn:Runner:UseImageUser", "true")]
    [InlineData("FN_DOCKER_NETWORKS", " one two", "Fn:Docker:Network", "one")]
    [InlineData("FN_DB_URL", "sqlite3:///var/fn/data/fn.db", "Fn:DataDirectory", "/var/fn/data")]
    [InlineData("FN_DB_URL", "postgres://fn:secret@db/fn", "ConnectionStrings:fndb", "postgres://fn:secret@db/fn")]
    [InlineData("FN_DB_URL", "postgres://fn:secret@db/fn", "Fn:DataDirectory", null)]
    [InlineData("FN_PORT", "9090", "urls", "http://*:9090")]
    public void Variable_Given_IsTheSetting(string variable, string text, string key, string? value)
    {
        Assert.Equal(value, Read(new() { [variable] = text })[key]);
    }

    [Theory]
    [InlineData("FN_MAX_PIDS", "many", "FN_MAX_PIDS is 'many': allowed is a whole number")]
    [InlineData("FN_LOG_LEVEL", "loud", "FN_LOG_LEVEL is 'loud': allowed are debug, info, warn, error, fatal and panic")]
    [InlineData("FN_DISABLE_READONLY_ROOTFS", "perhaps", "FN_DISABLE_READONLY_ROOTFS is 'perhaps': allowed are true and false")]
    [InlineData("FN_DB_URL", "mysql://host", "FN_DB_URL is 'mysql://host': allowed are sqlite3://DIRECTORY/fn.db and postgres://USER:PASSWORD@HOST/DATABASE")]
    [InlineData("FN_PORT_FILE", "/no/such/file", "FN_PORT_FILE: /no/such/file cannot be read: ")]
    public void Variable_Wrong_EndsTheStartAndIsNamed(string variable, string text, string message)
    {
        var thrown = Assert.Throws<FnStartException>(() => Read(new() { [variable] = text }));

        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variable_InAFile_IsReadFromThere()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "1234\n");

        Assert.Equal("1234", Read(new() { ["FN_MAX_PIDS_FILE"] = file })["Fn:Containers:MaxProcesses"]);
        File.Delete(file);
    }

    [Fact]
    public void Setting_GivenToo_Wins()
    {
        Assert.Equal("7", Read(new() { ["FN_MAX_PIDS"] = "8" }, new() { ["Fn:Containers:MaxProcesses"] = "7" })["Fn:Containers:MaxProcesses"]);
    }

    private static ConfigurationManager Read(Dictionary<string, string> variables, Dictionary<string, string?>? settings = null)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings ?? []);
        configuration.AddFnAliases(variables.GetValueOrDefault, withPort: true);
        return configuration;
    }
}
