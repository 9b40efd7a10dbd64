using System.Globalization;
using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>
/// The Fn Project's own variables, read as other names of settings, so that an operator of fn can move over. Each may be given as <c>NAME_FILE</c>, the path
/// of a file with the value. Where a setting itself is given, it wins.
/// </summary>
public static class FnAliases
{
    /// <summary>A variable and the setting it stands for.</summary>
    /// <param name="Variable">The variable's name.</param>
    /// <param name="Key">The setting it stands for.</param>
    /// <param name="Convert">The setting's value; null when the variable's means that there is none. Throws <see cref="FnStartException"/> when it is wrong.</param>
    private sealed record Alias(string Variable, string Key, Func<string, string, string?> Convert);

    private static readonly Alias[] All =
    [
        new("FN_LOG_LEVEL", "Logging:LogLevel:Default", LogLevel),
        new("FN_PUBLIC_LB_URL", "Fn:Api:PublicUrl", AsIs),
        new("FN_MAX_REQUEST_SIZE", "Fn:Api:MaxRequestSize", Limit),
        new("FN_MAX_REQUEST_HEADER_SIZE", "Fn:Api:MaxRequestHeaderSize", Limit),
        new("FN_API_CORS_ORIGINS", "Fn:Api:CorsOrigins", AsIs),
        new("FN_API_CORS_HEADERS", "Fn:Api:CorsHeaders", AsIs),
        new("FN_DB_URL", "Fn:DataDirectory", (name, text) => IsPostgres(text) ? null : DataDirectory(name, text)),
        new("FN_DB_URL", "ConnectionStrings:fndb", (_, text) => IsPostgres(text) ? text : null),
        new("FN_MAX_RESPONSE_SIZE", "Fn:Calls:MaxResponseSize", Limit),
        new("FN_MAX_HDR_RESPONSE_SIZE", "Fn:Calls:MaxResponseHeaderSize", Limit),
        new("FN_MAX_TOTAL_MEMORY_BYTES", "Fn:Runner:Memory", Limit),
        new("FN_HOT_PULL_TIMEOUT_MSECS", "Fn:Containers:PullTimeout", Milliseconds),
        new("FN_HOT_START_TIMEOUT_MSECS", "Fn:Containers:StartTimeout", Milliseconds),
        new("FN_IOFS_PATH", "Fn:Containers:SocketRoot", AsIs),
        new("FN_DISABLE_READONLY_ROOTFS", "Fn:Containers:ReadOnlyRoot", (name, text) => Flag(name, text) ? "false" : "true"),
        new("FN_DISABLE_UNPRIVILEGED_CONTAINERS", "Fn:Runner:UseImageUser", (name, text) => Flag(name, text) ? "true" : "false"),
        new("FN_MAX_PIDS", "Fn:Containers:MaxProcesses", Limit),
        new("FN_MAX_OPEN_FILES", "Fn:Containers:MaxOpenFiles", Limit),
        new("FN_DOCKER_NETWORKS", "Fn:Docker:Network", (_, text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0]),
    ];

    // A runner beside a gateway would otherwise want the same port.
    private static readonly Alias Port = new("FN_PORT", "urls", (name, text) => Limit(name, text) is { } port ? $"http://*:{port}" : null);

    /// <summary>Adds the settings that the variables stand for, below all that is there.</summary>
    /// <param name="configuration">Where to.</param>
    /// <param name="variable">The variables, for instance <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <param name="withPort">Whether this service listens on FN_PORT.</param>
    /// <exception cref="FnStartException">A variable has a value it cannot have.</exception>
    public static void AddFnAliases(this IConfigurationBuilder configuration, Func<string, string?> variable, bool withPort)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var alias in withPort ? [.. All, Port] : All)
        {
            if (Read(alias.Variable, variable) is { Length: > 0 } text && alias.Convert(alias.Variable, text) is { } value)
                settings[alias.Key] = value;
        }
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = settings });
    }

    private static string? Read(string name, Func<string, string?> variable)
    {
        if (variable(name) is { Length: > 0 } text)
            return text.Trim();
        if (variable($"{name}_FILE") is not { Length: > 0 } file)
            return null;
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FnStartException($"{name}_FILE: {file} cannot be read: {e.Message}", e);
        }
    }

    private static string AsIs(string name, string text) => text;

    // 0 means that there is no limit, or the one that was found.
    private static string? Limit(string name, string text) => Number(name, text) is var number && number == 0 ? null : number.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(string name, string text) => $"{Number(name, text)}ms";

    private static long Number(string name, string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FnStartException($"{name} is '{text}': allowed is a whole number");

    private static bool Flag(string name, string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "t" => true,
        "false" or "0" or "f" => false,
        _ => throw new FnStartException($"{name} is '{text}': allowed are true and false"),
    };

    private static string LogLevel(string name, string text) => text.ToLowerInvariant() switch
    {
        "debug" => "Debug",
        "info" => "Information",
        "warn" or "warning" => "Warning",
        "error" => "Error",
        "fatal" or "panic" => "Critical",
        _ => throw new FnStartException($"{name} is '{text}': allowed are debug, info, warn, error, fatal and panic"),
    };

    private static bool IsPostgres(string text) =>
        text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal);

    private static string DataDirectory(string name, string text)
    {
        const string scheme = "sqlite3://";
        if (!text.StartsWith(scheme, StringComparison.Ordinal) || Path.GetFileName(text) != "fn.db")
            throw new FnStartException($"{name} is '{text}': allowed are {scheme}DIRECTORY/fn.db and postgres://USER:PASSWORD@HOST/DATABASE");
        return Path.GetDirectoryName(text[scheme.Length..]) is { Length: > 0 } directory ? directory : "/";
    }
}
