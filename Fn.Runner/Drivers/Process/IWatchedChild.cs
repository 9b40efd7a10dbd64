namespace Fn.Runner.Drivers.Process;

/// <summary>A child process whose end somebody waits for.</summary>
internal interface IWatchedChild
{
    /// <summary>Looks whether it has ended; true once it has. Called from any thread, also after that.</summary>
    bool CheckEnded();
}
