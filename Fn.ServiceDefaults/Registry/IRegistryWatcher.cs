namespace Fn.ServiceDefaults.Registry;

/// <summary>Receives what a registry knows: one call at a time, but for <see cref="Disconnected"/>, which may come at any time.</summary>
public interface IRegistryWatcher
{
    /// <summary>Takes a report. False: one before it was missed, so all of the runner has to be read again.</summary>
    /// <param name="report">The report.</param>
    /// <param name="age">How long ago it was made.</param>
    bool Apply(RegistryReport report, TimeSpan age);

    /// <summary>All runners that the registry had when it was connected have been told.</summary>
    void Synchronized();

    /// <summary>The connection is gone: silence says nothing about the runners until <see cref="Synchronized"/>.</summary>
    void Disconnected();
}
