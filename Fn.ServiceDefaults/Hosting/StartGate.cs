using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>
/// While the process starts, the host and Kestrel log every failure with its stack trace before they throw it. <see cref="FnHost"/> receives the same
/// exception and tells it once, so these log lines are held back until the process has started. One that does not start tells nothing more of it: the host
/// takes what it has already begun for failed when it ends. Levels and filters stay as they are configured.
/// </summary>
internal sealed class StartGate : IPostConfigureOptions<LoggerFilterOptions>
{
    private volatile bool _starting;

    public void Begin() => _starting = true;

    public void End() => _starting = false;

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        // What no rule speaks of has the least level, and would pass by the gate.
        if (!options.Rules.Any(rule => rule.ProviderName is null && rule.CategoryName is null))
            options.Rules.Insert(0, new LoggerFilterRule(null, null, options.MinLevel, null));
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel,
                (provider, category, level) => !Holds(category, level) && (rule.Filter is null || rule.Filter(provider, category, level)));
        }
    }

    private bool Holds(string? category, LogLevel level) =>
        _starting && level >= LogLevel.Error && category is "Microsoft.Extensions.Hosting.Internal.Host" or "Microsoft.AspNetCore.Server.Kestrel";
}
